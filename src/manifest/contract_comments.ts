/**
 * What the contract itself says of its messages, fields, enums, values and
 * calls: its comments, which `deno task gen` keeps beside the code.
 *
 * @module
 */

import comments from "../../gen/contract_comments.json" with { type: "json" };

const PACKAGE = "stigmer.backend.v1.";
const COMMENTS: Readonly<Record<string, string>> = comments;

/** What a comment can be of: all that has a full name in the contract. */
export interface Commented {
  readonly typeName: string;
}

/** Gives the comment on a message or an enum, or an empty text. */
export function commentOn({ typeName }: Commented): string {
  return asWritten(COMMENTS[typeName.slice(PACKAGE.length)] ?? "");
}

/** Gives the comment on a field of a message, by the name that JSON has. */
export function commentOnField(
  { parent, jsonName }: {
    readonly parent: Commented;
    readonly jsonName: string;
  },
): string {
  return commentOnMember(parent, jsonName);
}

/** Gives the comment on a value of an enum. */
export function commentOnValue(
  { parent, name }: { readonly parent: Commented; readonly name: string },
): string {
  return commentOnMember(parent, name);
}

function commentOnMember({ typeName }: Commented, name: string): string {
  return asWritten(COMMENTS[`${typeName.slice(PACKAGE.length)}.${name}`] ?? "");
}

/** The contract names fields by `base_url`, manifests by `baseUrl`. */
function asWritten(comment: string): string {
  return comment.replaceAll(
    /`[a-z][a-z0-9]*(?:_[a-z0-9]+)+`/g,
    (name) =>
      name.replaceAll(/_([a-z0-9])/g, (_, it: string) => it.toUpperCase()),
  );
}
