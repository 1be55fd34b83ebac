/**
 * The parts that are read of an image of the contract, as buf writes it: the
 * names are those of descriptor.proto in JSON.
 *
 * @module
 */

/** The parts that are read of a file, as buf writes them. */
export interface ImageFile {
  readonly name: string;
  readonly package?: string;
  readonly messageType?: readonly ImageMessage[];
  readonly enumType?: readonly ImageEnum[];
  readonly service?: readonly {
    readonly method: readonly ImageMethod[];
  }[];
  readonly sourceCodeInfo: {
    readonly location: readonly {
      readonly path?: readonly number[];
      readonly leadingComments?: string;
    }[];
  };
}
/** A call, as buf writes it. */
export interface ImageMethod {
  readonly name: string;
  readonly inputType: string;
  readonly outputType: string;
  readonly serverStreaming?: boolean;
  readonly options?: { readonly idempotencyLevel?: string };
}
/** A message, as buf writes it. */
export interface ImageMessage {
  readonly name: string;
  readonly field?: readonly ImageField[];
  readonly nestedType?: readonly ImageMessage[];
  readonly enumType?: readonly ImageEnum[];
  readonly oneofDecl?: readonly { readonly name: string }[];
  readonly options?: { readonly mapEntry?: boolean };
}
/** A field, as buf writes it. */
export interface ImageField {
  readonly name: string;
  readonly jsonName: string;
  readonly type: string;
  readonly typeName?: string;
  readonly label: string;
  readonly oneofIndex?: number;
  readonly proto3Optional?: boolean;
}
/** An enum, as buf writes it. */
export interface ImageEnum {
  readonly name: string;
  readonly value: readonly { readonly name: string }[];
}
