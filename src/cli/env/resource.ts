/**
 * Environments: how they are listed, shown and deleted.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type Environment,
  EnvironmentSchema,
} from "../../../gen/stigmer/backend/v1/environment_pb.ts";
import { notFound } from "../../model/error.ts";
import { type Door, doorOf } from "../door.ts";
import {
  leadingColumns,
  leadingFacts,
  manifestYaml,
  slugOfResource,
  trailingColumns,
  trailingFacts,
} from "../resource_text.ts";
import { readSnapshot } from "../snapshot.ts";
import type { View } from "../view.ts";

/** How environments are shown. */
export const ENVIRONMENT_VIEW: View<Environment> = {
  columns: [
    ...leadingColumns<Environment>(),
    {
      header: "VARIABLES",
      right: true,
      value: (it) => `${Object.keys(it.spec?.variables ?? {}).length}`,
    },
    {
      header: "SECRETS",
      right: true,
      value: ({ spec }) =>
        `${
          Object.keys(spec?.secrets ?? {}).length +
          Object.keys(spec?.secretRefs ?? {}).length
        }`,
    },
    {
      header: "DESCRIPTION",
      wide: true,
      value: (it) => it.spec?.description ?? "",
    },
    ...trailingColumns<Environment>(),
  ],
  identify: slugOfResource,
  json: (it) => toJson(EnvironmentSchema, it),
  yaml: (value) => manifestYaml({ case: "environment", value }),
  describe: (it, nowMs) => [
    ...leadingFacts(it),
    ["Description", it.spec?.description ?? ""],
    ...trailingFacts(it, nowMs),
    [
      "Variables",
      linesOf(Object.entries(it.spec?.variables ?? {})),
    ],
    [
      "Secrets",
      linesOf([
        ...Object.entries(it.spec?.secrets ?? {}),
        ...Object.entries(it.spec?.secretRefs ?? {}).map((
          [key, { source }],
        ): [string, string] => [
          key,
          `(from ${source.case ?? "nowhere"}:${source.value ?? ""})`,
        ]),
      ]),
    ],
  ],
};

/** What has several lines must not look as further variables do. */
function onOneLine(value: string): string {
  return /[\r\n]/.test(value) ? JSON.stringify(value) : value;
}

function linesOf(entries: readonly (readonly [string, string])[]): string {
  return entries.map(([key, value]) => `${key}=${onOneLine(value)}`).sort()
    .join("\n");
}

/** The verbs of environments. */
export const ENVIRONMENTS: Door = doorOf<Environment>({
  noun: "environment",
  versioned: {
    kind: "Environment",
    read: (it) => readSnapshot(EnvironmentSchema, it),
  },
  view: ENVIRONMENT_VIEW,
  async list(client, { page, labels }, call) {
    const answer = await client.listEnvironments({
      page,
      ...(labels === undefined ? {} : { labels: { match: labels } }),
    }, call);
    return { items: answer.environments, nextPageToken: answer.nextPageToken };
  },
  async get(client, name, call) {
    const { environment } = await client.getEnvironment({ name }, call);
    if (environment === undefined) throw notFound("environment", name);
    return environment;
  },
  async remove(client, name, call) {
    const { environment } = await client.deleteEnvironment({ name }, call);
    if (environment === undefined) throw notFound("environment", name);
    return environment;
  },
});
