/**
 * The environments of a run: those that came along, else those applied.
 *
 * @module
 */

import { EnvironmentSpecSchema } from "../../gen/stigmer/backend/v1/environment_pb.ts";
import type { Definition } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { Database } from "../store/driver.ts";
import { resourceById, type ResourceRow } from "../store/resources.ts";
import { requireResource } from "./resource_context.ts";
import { fromPlain } from "./resource_message.ts";

/** The variables of one environment. */
export type Variables = Readonly<Record<string, string>>;

/** The environments of a run, in order. */
export interface RunEnvironments {
  /** Ids of those that are applied. */
  readonly ids: readonly string[];
  /** Of each environment. */
  readonly variables: readonly Variables[];
}

/**
 * Finds environments by word; one that came along is meant before one that is
 * applied.
 *
 * @throws {StigmerError} NOT_FOUND with a near name.
 */
export function runEnvironments(
  database: Database,
  wanted: {
    readonly words: readonly string[];
    readonly definitions: readonly Definition[];
  },
): RunEnvironments {
  const ids: string[] = [];
  const variables = wanted.words.map((word) => {
    const inline = inlineVariables(wanted.definitions, word);
    if (inline !== undefined) return inline;
    const row = requireResource(database, "Environment", word);
    ids.push(row.id);
    return variablesOf(row);
  });
  return { ids, variables };
}

/** Reads the variables of an environment; one that is gone has none. */
export function environmentVariables(
  database: Database,
  id: string,
): Variables {
  const row = resourceById(database, "Environment", id);
  return row === undefined ? {} : variablesOf(row);
}

function inlineVariables(
  definitions: readonly Definition[],
  word: string,
): Variables | undefined {
  for (const { resource } of definitions) {
    if (resource.case !== "environment") continue;
    const { metadata, spec } = resource.value;
    if (metadata?.name === word || metadata?.slug === word) {
      return spec?.variables ?? {};
    }
  }
  return undefined;
}

function variablesOf(row: ResourceRow): Variables {
  return fromPlain(EnvironmentSpecSchema, row.spec).variables;
}
