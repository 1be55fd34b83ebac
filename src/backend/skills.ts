/**
 * Skills: folders of know-how, addressed by their content.
 *
 * @module
 */

import type { ServiceImpl } from "@connectrpc/connect";
import type {
  BackendService,
  PushSkillRequest,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  type Skill,
  SkillSchema,
  SkillSpecSchema,
} from "../../gen/stigmer/backend/v1/skill_pb.ts";
import { type JsonObject, member } from "../model/json.ts";
import { slugOf } from "../model/slug.ts";
import { listResources } from "../store/resource_list.ts";
import {
  deleteResource,
  resourceBySlug,
  type ResourceRow,
} from "../store/resources.ts";
import {
  insertSkillFiles,
  type SkillFileRow,
  skillFiles,
} from "../store/skill_files.ts";
import {
  refusedDefinition,
  requireResource,
  type ResourceDeps,
  writeContext,
} from "./resource_context.ts";
import { resourceMessage, toPlain } from "./resource_message.ts";
import { changeResource, createResource } from "./resource_write.ts";
import { checkSkill } from "./skill_check.ts";

/** The methods of the contract that are about skills. */
export type SkillMethods = Pick<
  ServiceImpl<typeof BackendService>,
  "pushSkill" | "getSkill" | "listSkills" | "deleteSkill"
>;

/** A skill that was stored, and whether it was there already. */
interface Pushed {
  readonly row: ResourceRow;
  readonly unchanged: boolean;
}

/** Answers the calls of the contract about skills. */
export function skillMethods(deps: ResourceDeps): SkillMethods {
  const { database } = deps.store;
  return {
    async pushSkill(request) {
      const { row, unchanged } = await pushSkill(deps, request);
      return { skill: skillMessage(row), unchanged };
    },
    getSkill({ name }) {
      const row = requireResource(database, "Skill", name);
      return {
        skill: skillMessage(row),
        files: [...skillFiles(database, hashOf(row))],
      };
    },
    listSkills(request) {
      const page = listResources(database, "Skill", {
        pageSize: request.page?.size ?? 0,
        pageToken: request.page?.token ?? "",
        labels: request.labels?.match ?? {},
      });
      return {
        skills: page.items.map(skillMessage),
        nextPageToken: page.nextToken,
      };
    },
    deleteSkill: ({ name }) => ({
      skill: database.transaction(() => {
        const row = requireResource(database, "Skill", name);
        deleteResource(database, "Skill", row.id);
        return skillMessage(row);
      }),
    }),
  };
}

async function pushSkill(
  deps: ResourceDeps,
  request: PushSkillRequest,
): Promise<Pushed> {
  const diagnostics = checkSkill(request);
  const name = request.metadata?.name ?? "";
  if (diagnostics.length > 0) {
    throw refusedDefinition(`push skill "${name}"`, diagnostics);
  }
  const context = writeContext(deps, request.message);
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
  return deps.store.database.transaction(() => {
    insertSkillFiles(context.database, hashOf(wanted), files);
    const stored = resourceBySlug(context.database, "Skill", wanted.slug);
    if (stored === undefined) {
      const row = createResource(context, "Skill", wanted);
      return { row, unchanged: false };
    }
    const row = changeResource(context, "Skill", stored, wanted);
    return { row, unchanged: row === stored };
  });
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

function hashOf(skill: Pick<ResourceRow, "status">): string {
  return String(member(skill.status, "contentHash") ?? "");
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

function skillMessage(row: ResourceRow): Skill {
  return resourceMessage(SkillSchema, "Skill", row);
}
