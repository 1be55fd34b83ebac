/**
 * Skills: folders of know-how, addressed by their content.
 *
 * @module
 */

import type { ServiceImpl } from "@connectrpc/connect";
import type { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  type Skill,
  SkillSchema,
} from "../../gen/stigmer/backend/v1/skill_pb.ts";
import { listResources } from "../store/resource_list.ts";
import { deleteResource, type ResourceRow } from "../store/resources.ts";
import { contentHashOf, skillFiles } from "../store/skill_files.ts";
import { requireResource, type ResourceDeps } from "./resource_context.ts";
import { resourceMessage } from "./resource_message.ts";
import { importUnseen } from "../model/unseen.ts";

/** The methods of the contract that are about skills. */
export type SkillMethods = Pick<
  ServiceImpl<typeof BackendService>,
  "pushSkill" | "getSkill" | "listSkills" | "deleteSkill"
>;

/** Answers the calls of the contract about skills. */
export function skillMethods(deps: ResourceDeps): SkillMethods {
  const { database } = deps.store;
  return {
    async pushSkill(request) {
      const { pushSkill } = await importUnseen<
        typeof import("./skill_push.ts")
      >("./skill_push.ts", import.meta.url);
      const { row, unchanged } = await pushSkill(deps, request);
      return { skill: skillMessage(row), unchanged };
    },
    getSkill({ name }) {
      const row = requireResource(database, "Skill", name);
      return {
        skill: skillMessage(row),
        files: [...skillFiles(database, contentHashOf(row))],
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

function skillMessage(row: ResourceRow): Skill {
  return resourceMessage(SkillSchema, "Skill", row);
}
