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
import { LATEST_TAG } from "../../model/skill.ts";
import { type Door, doorOf } from "../door.ts";
import {
  leadingFacts,
  slugOfResource,
  trailingColumns,
  trailingFacts,
} from "../resource_text.ts";
import { sizeText } from "../../model/size_text.ts";
import { readSnapshot } from "../snapshot.ts";
import { labelsFact, type View } from "../view.ts";

/** Digits of a digest that are shown: enough to name a content by. */
const DIGEST_LENGTH = 12;

/** Writes a digest as commands take it, shortened. */
export function digestWord(contentHash: string): string {
  return `sha256:${contentHash.slice(0, DIGEST_LENGTH)}`;
}

/** How skills are shown. */
export const SKILL_VIEW: View<Skill> = {
  columns: [
    { header: "SLUG", whole: true, value: slugOfResource },
    {
      header: "TAGS",
      value: (it) =>
        (it.status?.tags ?? []).map(({ name }) => name)
          .filter((name) => name !== LATEST_TAG).join(" "),
    },
    {
      header: "DESCRIPTION",
      spare: 1,
      value: (it) => it.spec?.description ?? "",
    },
    {
      header: "FILES",
      right: true,
      wide: true,
      value: (it) => `${it.status?.fileCount ?? 0}`,
    },
    {
      header: "SIZE",
      right: true,
      value: (it) => sizeText(it.status?.sizeBytes ?? 0),
    },
    ...trailingColumns<Skill>(),
  ],
  identify: slugOfResource,
  json: (it) => toJson(SkillSchema, it),
  describe: (it, nowMs) => [
    ...leadingFacts(it),
    ["Description", it.spec?.description ?? ""],
    ["License", it.spec?.license ?? ""],
    ["Needs", it.spec?.compatibility ?? ""],
    ["Allowed tools", it.spec?.allowedTools.join(" ") ?? ""],
    ["Metadata", labelsFact(it.spec?.metadata ?? {})],
    ["Digest", `sha256:${it.status?.contentHash ?? ""}`],
    [
      "Tagged",
      (it.status?.tags ?? []).map(({ name, contentHash }) =>
        contentHash === it.status?.contentHash
          ? name
          : `${name} (${digestWord(contentHash)})`
      ).join(", "),
    ],
    ["Files", `${it.status?.fileCount ?? 0}`],
    ["Size", sizeText(it.status?.sizeBytes ?? 0)],
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
