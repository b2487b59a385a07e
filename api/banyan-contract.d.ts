// #region Other
export { command }
export { CommandContract }
export { CommandOptions }
export { DataOf }
export { event }
export { EventContract }
export { EventOptions }
export { InputDataOf }
export { InputOf }
export { NoKey }
export { none }
export { OperationContract }
export { OutputOf }
export { PersonalFields }
export { query }
export { QueryContract }
export { QueryOptions }
export { StandardIssue }
export { StandardProps }
export { StandardResult }
export { StandardSchema }
// #endregion
