/**
 * What is defined in TypeScript, as the manifest that YAML would have been.
 *
 * @module
 */

import type { JsonObject } from "../model/json.ts";
import { API_VERSION } from "../model/kind.ts";
import type { Place } from "./_caller.ts";
import { toYaml as yamlOf } from "../manifest/yaml_writer.ts";

/** A resource as a manifest has it. */
export interface Manifest extends JsonObject {
  /** The version of the contract. */
  readonly apiVersion: string;
  /** Its kind, as `Agent`. */
  readonly kind: string;
  /** Its name, and what else is said of it. */
  readonly metadata: JsonObject;
  /** What it is. */
  readonly spec: JsonObject;
}

/** Something that a manifest is made of. */
export interface Defined {
  /** Its kind, as `Agent`. */
  readonly kind: string;
  /** Its name. */
  readonly name: string;
  /** Where it is defined, and where its tasks are, by their names. */
  readonly places?: Places;
  /** Gives the manifest. */
  toManifest(): Manifest;
}

/** Where a resource is defined. */
export interface Places {
  /** Where the resource is defined. */
  readonly own: Place | undefined;
  /** Where its tasks are added, by their names. */
  readonly tasks: Readonly<Record<string, Place>>;
}

/** What every resource may say of itself. */
export interface MetadataOptions {
  /** Labels, for filters. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Notes for programs. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Tags, for people. */
  readonly tags?: readonly string[];
}

/** A variable or secret that a resource needs, with its default. */
export interface EnvDeclaration {
  /** What it is for, in words. */
  readonly description?: string;
  /** The value when nothing gives one. */
  readonly default?: string;
  /** Whether a run is refused without it. */
  readonly required?: boolean;
  /** Whether its value is a secret. */
  readonly secret?: boolean;
}

/** The variables of a resource, by name. */
export type EnvDeclarations = Readonly<Record<string, EnvDeclaration>>;

/** Makes a manifest; what is `undefined` is left out. */
export function manifestOf(
  kind: string,
  name: string,
  { metadata, spec }: {
    readonly metadata: MetadataOptions;
    readonly spec: Readonly<Record<string, unknown>>;
  },
): Manifest {
  const { labels, annotations, tags } = metadata;
  return {
    apiVersion: API_VERSION,
    kind,
    metadata: jsonObjectOf({ name, labels, annotations, tags }),
    spec: jsonObjectOf(spec),
  };
}

/** An object of plain JSON, without what is `undefined`. */
export function jsonObjectOf(
  object: Readonly<Record<string, unknown>>,
): JsonObject {
  // Builders are typed: what they hold is JSON, or writes itself as such.
  return JSON.parse(JSON.stringify(object)) as JsonObject;
}

/**
 * Writes resources as YAML, as many documents as there are resources.
 *
 * @example
 * ```ts
 * import { agent, toYaml } from "@stigmer/cli/sdk";
 *
 * const reviewer = agent({ name: "reviewer", instructions: "Review code." });
 * console.log(toYaml(reviewer));
 * ```
 *
 * @param resources What was defined.
 * @returns The text that `stigmer apply -f -` reads.
 */
export function toYaml(...resources: readonly Defined[]): string {
  return resources.map((it) => yamlOf(it.toManifest())).join("---\n");
}
