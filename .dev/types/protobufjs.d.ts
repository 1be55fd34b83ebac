/**
 * What this repository uses of the reader of descriptions, without the types of
 * Node.js.
 *
 * @module
 */

export interface ReflectionObject {
  readonly name: string;
  /** With a dot before it. */
  readonly fullName: string;
}

export interface Namespace extends ReflectionObject {
  readonly root: Root;
  readonly nestedArray: readonly ReflectionObject[];
  lookupType(path: string): Type;
  lookupService(path: string): Service;
  addJSON(nested: Readonly<Record<string, unknown>>): Namespace;
  resolveAll(): Namespace;
}

export class Root implements Namespace {
  readonly name: string;
  readonly fullName: string;
  readonly root: Root;
  readonly nestedArray: readonly ReflectionObject[];
  lookupType(path: string): Type;
  lookupService(path: string): Service;
  addJSON(nested: Readonly<Record<string, unknown>>): Namespace;
  resolveAll(): Namespace;
}

export interface Enum extends ReflectionObject {
  readonly values: Readonly<Record<string, number>>;
  readonly valuesById: Readonly<Record<number, string>>;
}

export interface Field extends ReflectionObject {
  readonly type: string;
  readonly repeated: boolean;
  readonly map: boolean;
  /** The type of the keys of a map. */
  readonly keyType?: string;
  readonly partOf: ReflectionObject | null;
  readonly hasPresence: boolean;
  readonly resolvedType: Type | Enum | null;
  readonly options?: Readonly<Record<string, unknown>>;
  resolve(): Field;
}

export interface Type extends Namespace {
  readonly fields: Readonly<Record<string, Field>>;
  readonly fieldsArray: readonly Field[];
  create(fields: Readonly<Record<string, unknown>>): object;
  fromObject(object: object): object;
  encode(message: object): { finish(): Uint8Array<ArrayBuffer> };
  decode(bytes: Uint8Array): object;
}

export interface Method extends ReflectionObject {
  readonly requestStream?: boolean;
  readonly responseStream?: boolean;
  readonly resolvedRequestType: Type | null;
  readonly resolvedResponseType: Type | null;
}

export interface Service extends Namespace {
  readonly methods: Readonly<Record<string, Method>>;
  readonly methodsArray: readonly Method[];
}

export function parse(
  text: string,
  root: Root,
  options: { readonly keepCase: boolean },
): {
  readonly imports?: readonly string[];
  readonly weakImports?: readonly string[];
};

export const common: {
  get(
    file: string,
  ): { readonly nested?: Readonly<Record<string, unknown>> } | null;
};
