/** An answer that says "begun, not finished": 202 at the HTTP edge. */
export interface Accepted<Value> {
  readonly answer: "accepted";
  readonly value: Value;
}

export type Answer<Value> = Value | Accepted<Value>;

const ACCEPTED = new WeakSet<object>();

/** Says that the work goes on after this answer; the events in the contract's `confirms` end it. */
export function accepted<Value>(value: Value): Accepted<Value> {
  const answer: Accepted<Value> = { answer: "accepted", value };
  ACCEPTED.add(answer);
  return answer;
}

export function isAccepted(value: unknown): value is Accepted<unknown> {
  return typeof value === "object" && value !== null && ACCEPTED.has(value);
}
