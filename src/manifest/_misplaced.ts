/**
 * Fields that stand in another part of a resource than theirs: an indentation
 * that slipped, or a part that was left out.
 *
 * @module
 */

import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { fieldHint } from "./_field_hints.ts";
import { camelCase } from "./_node.ts";

/** Where a field was meant to be. */
export interface Misplaced {
  readonly hint: string;
  /** Pointers of what is not missing, then. */
  readonly meant: readonly string[];
}

/** The parts of a resource that people write. */
const PARTS = ["metadata", "spec"] as const;
/** What stands at the top of each resource. */
const TOP: readonly string[] = ["apiVersion", "kind", ...PARTS];

/**
 * Finds where a field belongs that its message does not have.
 *
 * @param pointer That of the message, from the resource.
 */
export function misplaced(
  message: DescMessage,
  key: string,
  pointer: string,
): Misplaced | undefined {
  const name = camelCase(key);
  const isPart = PARTS.some((it) => pointer === `/${it}`);
  if (isPart && TOP.includes(name)) {
    return {
      hint: `Indent it less: it stands beside "${pointer.slice(1)}"`,
      meant: [`/${name}`],
    };
  }
  return pointer === "" ? inPart(message, name) : undefined;
}

/** What stands at the top of a resource, and belongs into one of its parts. */
function inPart(message: DescMessage, name: string): Misplaced | undefined {
  for (const part of PARTS) {
    const of = messageOf(message.fields.find((it) => it.name === part));
    if (of === undefined) continue;
    const isThere = of.fields.some((it) => it.jsonName === name) ||
      fieldHint(of, name) !== undefined;
    if (!isThere) continue;
    const meant = [`/${part}`, `/${part}/${name}`];
    return {
      hint: `Indent it under "${part}:"`,
      meant: part === "spec" ? meant : meant.slice(1),
    };
  }
  return undefined;
}

function messageOf(field: DescField | undefined): DescMessage | undefined {
  return field?.fieldKind === "message" ? field.message : undefined;
}
