/**
 * Stores skills that are pushed.
 *
 * It stands apart from reading them because it loads the checks.
 *
 * @module
 */

import type { PushSkillRequest } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { SkillSpecSchema } from "../../gen/stigmer/backend/v1/skill_pb.ts";
import type { JsonObject } from "../model/json.ts";
import { slugOf } from "../model/slug.ts";
import { resourceBySlug, type ResourceRow } from "../store/resources.ts";
import {
  contentHashOf,
  insertSkillFiles,
  type SkillFileRow,
} from "../store/skill_files.ts";
import {
  refusedDefinition,
  type ResourceDeps,
  type WriteContext,
  writeContext,
} from "./resource_context.ts";
import { toPlain } from "./resource_message.ts";
import {
  changeResource,
  createResource,
  type NewResource,
} from "./resource_write.ts";
import { checkSkill } from "./skill_check.ts";

/** A skill that was stored, and whether it was there already. */
export interface PushedSkill {
  readonly row: ResourceRow;
  readonly unchanged: boolean;
}

/** A skill as it is to be stored. */
export interface SkillDraft {
  readonly wanted: NewResource;
  readonly files: readonly SkillFileRow[];
}

/**
 * Stores a skill as a new version, unless its content is there already.
 *
 * @throws {StigmerError} INVALID_ARGUMENT with all that is wrong with it.
 */
export async function pushSkill(
  deps: ResourceDeps,
  request: PushSkillRequest,
): Promise<PushedSkill> {
  const diagnostics = checkSkill(request);
  const name = request.metadata?.name ?? "";
  if (diagnostics.length > 0) {
    throw refusedDefinition(`push skill "${name}"`, diagnostics);
  }
  const context = writeContext(deps, request.message);
  const draft = await skillDraft(request);
  return deps.store.database.transaction(() => storeSkill(context, draft));
}

/** Makes of a request that was checked what is stored of it. */
export async function skillDraft(
  request: PushSkillRequest,
): Promise<SkillDraft> {
  const name = request.metadata?.name ?? "";
  const files = request.files.map(toFileRow).sort(byPath);
  const status = await statusOf(files);
  const given = request.metadata?.slug ?? "";
  const wanted = {
    name,
    slug: given === "" ? slugOf(name) ?? "" : given,
    labels: { ...request.metadata?.labels },
    annotations: { ...request.metadata?.annotations },
    tags: request.metadata?.tags ?? [],
    spec: toPlain(SkillSpecSchema, request.spec),
    status,
  };
  return { wanted, files };
}

/** Stores a skill with its files; belongs inside a transaction. */
export function storeSkill(
  context: WriteContext,
  { wanted, files }: SkillDraft,
): PushedSkill {
  insertSkillFiles(context.database, contentHashOf(wanted), files);
  const stored = resourceBySlug(context.database, "Skill", wanted.slug);
  if (stored === undefined) {
    const row = createResource(context, "Skill", wanted);
    return { row, unchanged: false };
  }
  const row = changeResource(context, "Skill", stored, wanted);
  return { row, unchanged: row === stored };
}

/** Says of some files what the status of their skill says. */
async function statusOf(files: readonly SkillFileRow[]): Promise<JsonObject> {
  const parts: string[][] = [];
  for (const file of files) {
    parts.push([file.path, await sha256(file.content)]);
  }
  const text = new TextEncoder().encode(JSON.stringify(parts));
  return {
    contentHash: await sha256(text),
    fileCount: files.length,
    sizeBytes: files.reduce((sum, it) => sum + it.content.length, 0),
  };
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex();
}

/** Copies a file out of the request, whose bytes may lie in a larger buffer. */
function toFileRow(
  file: PushSkillRequest["files"][number],
): SkillFileRow {
  return { path: file.path, content: new Uint8Array(file.content) };
}

/** Orders by code units, the same on every machine. */
function byPath(a: SkillFileRow, b: SkillFileRow): number {
  if (a.path === b.path) return 0;
  return a.path < b.path ? -1 : 1;
}
