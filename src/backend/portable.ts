/**
 * Portable records: what exports are made of and imports read.
 *
 * A record is one document as JSON with its checksum. Kinds come in the order
 * in which they depend on each other; what is history follows.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type PortableRecord,
  PortableRecordSchema,
} from "../../gen/stigmer/backend/v1/transfer_pb.ts";
import type { JsonObject } from "../model/json.ts";

/** The version of the format that this release writes and reads. */
export const PORTABLE_FORMAT = 1;

/** Kinds of records that say what people define, in order. */
export const PORTABLE_KINDS = [
  "Environment",
  "McpServer",
  "Skill",
  "Agent",
  "AgentInstance",
  "Workflow",
  "WorkflowInstance",
  "Schedule",
] as const;

/** A kind of record that says what people define. */
export type PortableKind = typeof PORTABLE_KINDS[number];

/** A document before it is written. */
export interface PortableDocument {
  readonly kind: string;
  /** The slug of a resource, the id of anything else. */
  readonly name: string;
  readonly document: JsonObject;
}

/** Says whether a word is a kind of what people define. */
export function isPortableKind(kind: string): kind is PortableKind {
  return PORTABLE_KINDS.some((it) => it === kind);
}

/** Writes a document as a record. */
export async function toRecord(
  { kind, name, document }: PortableDocument,
): Promise<PortableRecord> {
  const text = JSON.stringify(document);
  return create(PortableRecordSchema, {
    kind,
    name,
    document: text,
    checksum: await sha256(text),
  });
}

/** SHA-256 of a text in hex. */
export async function sha256(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex();
}

/** What the checksums of records add up to: each on a line of its own. */
export async function sumOf(checksums: Iterable<string>): Promise<string> {
  return await sha256(Array.from(checksums, (it) => `${it}\n`).join(""));
}
