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
  return COMMENTS[typeName.slice(PACKAGE.length)] ?? "";
}

/** Gives the comment on a field of a message or a value of an enum. */
export function commentOnMember(
  parent: Commented,
  member: { readonly name: string },
): string {
  return COMMENTS[`${parent.typeName.slice(PACKAGE.length)}.${member.name}`] ??
    "";
}
