/**
 * The environments of a run: those that came along, else those applied.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type Environment,
  EnvironmentSchema,
  type EnvironmentSpec,
  EnvironmentSpecSchema,
} from "../../gen/stigmer/backend/v1/environment_pb.ts";
import {
  type Definition,
  DefinitionSchema,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import { maskedValues, secretForm } from "../model/secret_text.ts";
import type { SecretReference } from "../model/secret_reference.ts";
import type { Database } from "../store/driver.ts";
import { resourceById, type ResourceRow } from "../store/resources.ts";
import { sealedNames } from "../store/sealed_values.ts";
import { requireResource } from "./resource_context.ts";
import { fromPlain } from "./resource_message.ts";
import type { GivenSecret, GivenSecrets, Layer } from "./variables.ts";

/** The environments of a run, in order. */
export interface RunEnvironments {
  /** Ids of those that are applied. */
  readonly ids: readonly string[];
  /** What each gives. */
  readonly layers: readonly Layer[];
}

/** What gives nothing. */
export const EMPTY_LAYER: Layer = { variables: {}, secrets: {} };

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
  const layers = wanted.words.map((word) => {
    const inline = inlineEnvironment(wanted.definitions, word);
    if (inline !== undefined) return inlineLayer(inline);
    const row = requireResource(database, "Environment", word);
    ids.push(row.id);
    return layerOf(database, row);
  });
  return { ids, layers };
}

/** Reads what an environment gives; one that is gone gives nothing. */
export function environmentLayer(database: Database, id: string): Layer {
  const row = resourceById(database, "Environment", id);
  return row === undefined ? EMPTY_LAYER : layerOf(database, row);
}

/** Definitions as they may be kept: without the secrets of environments. */
export function withoutSecrets(
  definitions: readonly Definition[],
): Definition[] {
  return definitions.map((definition) => {
    const { resource } = definition;
    if (resource.case !== "environment") return definition;
    const { apiVersion, kind, metadata, spec } = resource.value;
    if (spec === undefined) return definition;
    const { description, variables, secretRefs } = spec;
    const secrets = maskedValues(spec.secrets);
    const value = create(EnvironmentSchema, {
      apiVersion,
      kind,
      ...(metadata === undefined ? {} : { metadata }),
      spec: { description, variables, secretRefs, secrets },
    });
    return create(DefinitionSchema, {
      resource: { case: "environment", value },
    });
  });
}

function inlineEnvironment(
  definitions: readonly Definition[],
  word: string,
): Environment | undefined {
  for (const { resource } of definitions) {
    if (resource.case !== "environment") continue;
    const { metadata } = resource.value;
    if (metadata?.name === word || metadata?.slug === word) {
      return resource.value;
    }
  }
  return undefined;
}

function inlineLayer({ metadata, spec }: Environment): Layer {
  const name = metadata?.name ?? "";
  const entries = Object.entries(spec?.secrets ?? {});
  const kept = entries.find(([, text]) => secretForm(text) === "kept");
  if (kept !== undefined) {
    throw invalidArgument(
      `Cannot execute with environment "${name}": its secret "${kept[0]}" is ` +
        "***, and there is nothing kept that this could mean",
      {
        hints: [
          `Give it with --secret ${
            kept[0]
          }, or apply the environment and set it`,
        ],
      },
    );
  }
  return {
    name,
    variables: spec?.variables ?? {},
    secrets: {
      ...Object.fromEntries(
        entries.map(([key, text]) => [key, { kind: "plain", text } as const]),
      ),
      ...referencesOf(spec, ""),
    },
  };
}

function layerOf(database: Database, row: ResourceRow): Layer {
  const spec = fromPlain(EnvironmentSpecSchema, row.spec);
  const names = Object.keys(spec.secrets);
  const kept = new Set(names.length === 0 ? [] : sealedNames(database, row.id));
  const lost = names.find((name) => !kept.has(name));
  if (lost !== undefined) throw lostSecret(row, lost);
  const sealed: GivenSecret = { kind: "sealed", ownerId: row.id };
  return {
    name: row.slug,
    variables: spec.variables,
    secrets: {
      ...Object.fromEntries(names.map((name) => [name, sealed])),
      ...referencesOf(spec, row.id),
    },
  };
}

/** Makes the error for a secret of which the name alone is left. */
export function lostSecret(
  { slug }: Pick<ResourceRow, "slug">,
  name: string,
): StigmerError {
  return new StigmerError(
    "DATA_LOSS",
    `Cannot open secret "${name}" of environment "${slug}": its value is ` +
      "not in the database",
    { hints: [`Set it anew: stigmer env set ${slug} --secret ${name}`] },
  );
}

function referencesOf(
  spec: EnvironmentSpec | undefined,
  origin: string,
): GivenSecrets {
  return Object.fromEntries(
    Object.entries(spec?.secretRefs ?? {}).flatMap(([name, { source }]) => {
      if (source.case === undefined) return [];
      const { case: kind, value: place } = source;
      const reference: SecretReference = { kind, place, origin };
      return [[name, { kind: "reference", reference } as const]];
    }),
  );
}
