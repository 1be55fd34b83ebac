/**
 * Skills: how they are listed, shown and deleted.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type Skill,
  SkillSchema,
} from "../../../gen/stigmer/backend/v1/skill_pb.ts";
import { notFound } from "../../model/error.ts";
import { type Door, doorOf } from "../door.ts";
import {
  leadingColumns,
  leadingFacts,
  slugOfResource,
  trailingColumns,
  trailingFacts,
} from "../resource_text.ts";
import { readSnapshot } from "../snapshot.ts";
import type { View } from "../view.ts";

/** How skills are shown. */
const SKILL_VIEW: View<Skill> = {
  columns: [
    ...leadingColumns<Skill>(),
    { header: "TAG", value: (it) => it.spec?.tag ?? "" },
    {
      header: "FILES",
      right: true,
      value: (it) => `${it.status?.fileCount ?? 0}`,
    },
    ...trailingColumns<Skill>(),
  ],
  identify: slugOfResource,
  json: (it) => toJson(SkillSchema, it),
  describe: (it, nowMs) => [
    ...leadingFacts(it),
    ["Description", it.spec?.description ?? ""],
    ["Tag", it.spec?.tag ?? ""],
    ["Files", `${it.status?.fileCount ?? 0}`],
    ["Content", it.status?.contentHash ?? ""],
    ...trailingFacts(it, nowMs),
  ],
};

/** The verbs of skills. */
export const SKILLS: Door = doorOf<Skill>({
  noun: "skill",
  versioned: {
    kind: "Skill",
    read: (it) => readSnapshot(SkillSchema, it),
  },
  view: SKILL_VIEW,
  async list(client, { page, labels }, call) {
    const answer = await client.listSkills({
      page,
      ...(labels === undefined ? {} : { labels: { match: labels } }),
    }, call);
    return { items: answer.skills, nextPageToken: answer.nextPageToken };
  },
  async get(client, name, call) {
    const { skill } = await client.getSkill({ name }, call);
    if (skill === undefined) throw notFound("skill", name);
    return skill;
  },
  async remove(client, name, call) {
    const { skill } = await client.deleteSkill({ name }, call);
    if (skill === undefined) throw notFound("skill", name);
    return skill;
  },
});
