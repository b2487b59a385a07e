// #region Interfaces
export interface CommandContract<Name extends string = string, In = any, Data = any, Out = any> extends Operation<"command", Name, In, Data, Out> {
  readonly confirms: readonly EventContract[];
}
export interface CommandOptions<In, Data, Out> {
  readonly http?: string;
  readonly input: StandardSchema<In, Data>;
  readonly output?: StandardSchema<Out, unknown>;
  readonly confirms?: readonly EventContract[];
}
export interface Erased {
  readonly erased: true;
}
export interface EventContract<Type extends string = string, Data = unknown, Personal extends string = PersonalOf<Type>> {
  readonly kind: "event";
  readonly name: Type;
  readonly version: number;
  readonly key: string | NoKey;
  readonly schema: StandardSchema<unknown, Data>;
  readonly personal: PersonalFields<Personal> | undefined;
  readonly upcast: Upcasts;
  readonly samples: Samples;
  readonly at: string;
}
export interface EventOptions<Data, Personal extends string = string> {
  readonly version: number;
  readonly key: (keyof Data & string) | NoKey;
  readonly data: StandardSchema<unknown, Data>;
  readonly personal?: {
    readonly subject: keyof Data & string;
    readonly fields: readonly Personal[];
  };
  readonly upcast?: Upcasts;
  readonly samples?: Samples;
}
export interface Issue {
  readonly path: string;
  readonly message: string;
}
export interface NoKey {
  readonly none: true;
}
export interface PersonalFields<Personal extends string = string> {
  readonly subject: string;
  readonly fields: readonly Personal[];
}
export interface QueryContract<Name extends string = string, In = any, Data = any, Out = any> extends Operation<"query", Name, In, Data, Out> {}
export interface QueryOptions<In, Data, Out> {
  readonly http?: string;
  readonly input: StandardSchema<In, Data>;
  readonly output: StandardSchema<Out, unknown>;
}
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | {
    readonly key: PropertyKey;
  })[] | undefined;
}
export interface StandardProps<Input, Output> {
  readonly version: 1;
  readonly vendor: string;
  readonly validate: (_: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
  readonly types?: {
    readonly input: Input;
    readonly output: Output;
  } | undefined;
  readonly jsonSchema?: {
    readonly input: (_: {
      readonly target: "draft-2020-12";
    }) => Record<string, unknown>;
    readonly output: (_: {
      readonly target: "draft-2020-12";
    }) => Record<string, unknown>;
  };
}
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": StandardProps<Input, Output>;
}
// #endregion

// #region Types
export type DataOf<E> = E extends EventContract<string, infer Data> ? Data : never;
export type InputDataOf<O> = O extends {
  readonly input: StandardSchema<any, infer Data>;
} ? Data : never;
export type InputOf<O> = O extends {
  readonly input: StandardSchema<infer In, any>;
} ? In : never;
export type JsonSchema = Readonly<Record<string, unknown>>;
export type OperationContract = CommandContract | QueryContract;
export type OutputOf<O> = O extends CommandContract<string, any, any, infer Out> ? Out : O extends QueryContract<string, any, any, infer Out> ? Out : never;
export type ReadEvent = {
  readonly ok: true;
  readonly data: unknown;
} | {
  readonly ok: false;
  readonly why: string;
};
export type ReceivedDataOf<E> = E extends EventContract<string, infer Data, infer Personal> ? WithErased<Data, Personal> : never;
export type Samples = Readonly<Record<number, readonly unknown[]>>;
export type StandardResult<Output> = {
  readonly value: Output;
  readonly issues?: undefined;
} | {
  readonly issues: readonly StandardIssue[];
};
export type Upcasts = Readonly<Record<number, (old: any) => unknown>>;
export type Validated<T> = {
  readonly ok: true;
  readonly value: T;
} | {
  readonly ok: false;
  readonly issues: readonly Issue[];
};
export type WithErased<T, Path extends string> = [Path] extends [never] ? T : unknown extends T ? T : T extends object ? T extends readonly unknown[] ? { [K in keyof T]: WithErased<T[K], Path>; } : { [K in keyof T]: WithErased<T[K], Below<K, Path>> | (Named<K, Path> extends true ? Erased : never); } : T;
// #endregion

// #region Functions
export declare function callSite(_: number): string;
export declare function chainFaults({ version, upcast }: Pick<EventContract, "version" | "upcast">): string[];
export declare function command<const Name extends string, In, Data, Out = void>(_: Name, _: CommandOptions<In, Data, Out>): CommandContract<Name, In, Data, Out>;
export declare function erase(_: unknown, _: readonly string[]): unknown;
export declare function event<const Type extends string, Data, const Personal extends string = never>(_: Type, _: EventOptions<Data, Personal>): EventContract<Type, Data, Personal>;
export declare function fieldsOf(_: JsonSchema): readonly string[] | undefined;
export declare function hasPath(_: unknown, _: readonly string[]): boolean;
export declare function isErased(_: unknown): value is Erased;
export declare function jsonSchemaOf(_: StandardSchema<any, any>, _: "input" | "output"): JsonSchema | string;
export declare function namedFields<T>(_: StandardSchema<any, T>, _: T): T;
export declare function notAccepted(_: unknown, _: unknown, _?: string): string | undefined;
export declare function personalValues(_: unknown, _: readonly string[]): readonly string[];
export declare function query<const Name extends string, In, Data, Out>(_: Name, _: QueryOptions<In, Data, Out>): QueryContract<Name, In, Data, Out>;
export declare function readEvent(_: EventContract, _: number, _: unknown): ReadEvent;
export declare function validate<T>(_: StandardSchema<unknown, T>, _: unknown, _?: number): Validated<T>;
export declare function withoutPersonal({ personal }: {
  readonly personal: {
    readonly fields: readonly string[];
  } | undefined;
}, _: readonly Issue[]): readonly Issue[];
// #endregion

// #region Variables
export declare const isVersion: (name: string) => boolean;
export declare const isWithin: (path: string, other: string) => boolean;
export declare const none: NoKey;
// #endregion
