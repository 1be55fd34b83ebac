/**
 * A resource as a caller gave it, read and checked for what needs no other
 * resource.
 *
 * @module
 */

import type { Resource } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { checkResource } from "../manifest/check_resource.ts";
import type { SecretRules } from "../manifest/check_secrets.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { messageOf } from "../model/error.ts";
import { idPrefix } from "../model/id.ts";
import { isJsonObject, type JsonObject, member } from "../model/json.ts";
import type { ManifestKind } from "../model/kind.ts";
import { maskedValues } from "../model/secret_text.ts";
import { isSlug, slugOf } from "../model/slug.ts";
import { kindOf, specJson } from "./resource_message.ts";

/** A resource as it was given. */
export interface Draft {
  readonly kind: ManifestKind;
  readonly name: string;
  /** As given, or derived from the name. */
  readonly slug: string;
  /** Whether the slug was given. */
  readonly slugGiven: boolean;
  /** The id that the caller named; empty when none. */
  readonly id: string;
  /** The version that the caller saw; empty when none. */
  readonly versionId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  /**
   * Proto-JSON of the spec, references as they were given; of secrets there
   * are the names alone.
   */
  readonly spec: JsonObject;
  /** Secrets of an environment as they were given, by name. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** A draft with all that is wrong with it by itself. */
export interface ReadDraft {
  /** Absent when the resource is empty. */
  readonly draft: Draft | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads and checks a resource. */
export function readDraft(
  resource: Resource,
  rules: SecretRules = {},
): ReadDraft {
  const kind = kindOf(resource);
  const { spec, checked } = readSpec(resource, rules);
  if (kind === undefined) {
    return { draft: undefined, diagnostics: orEmpty(checked) };
  }
  const metadata = resource.resource.value?.metadata;
  const name = metadata?.name ?? "";
  const slugGiven = (metadata?.slug ?? "") !== "";
  const slug = slugGiven ? metadata?.slug ?? "" : slugOf(name) ?? "";
  const draft: Draft = {
    kind,
    name,
    slug,
    slugGiven,
    id: metadata?.id ?? "",
    versionId: metadata?.version?.id ?? "",
    labels: { ...metadata?.labels },
    annotations: { ...metadata?.annotations },
    tags: metadata?.tags ?? [],
    spec: withoutSecrets(spec ?? {}),
    secrets: secretsOf(resource),
  };
  const hasError = checked.some((it) => it.severity === "error");
  return {
    draft,
    diagnostics: hasError ? checked : [...checked, ...checkSlug(draft)],
  };
}

function secretsOf({ resource }: Resource): Readonly<Record<string, string>> {
  return resource.case === "environment"
    ? { ...resource.value.spec?.secrets }
    : {};
}

/** Only environments have a field of this name. */
function withoutSecrets(spec: JsonObject): JsonObject {
  const secrets = member(spec, "secrets");
  return isJsonObject(secrets)
    ? { ...spec, secrets: maskedValues(secrets) }
    : spec;
}

/** Reads the spec of a resource; what is no JSON is one thing wrong with it. */
function readSpec(
  resource: Resource,
  rules: SecretRules,
): {
  readonly spec: JsonObject | undefined;
  readonly checked: readonly Diagnostic[];
} {
  const checked = checkResource(resource, rules);
  try {
    return { spec: specJson(resource), checked };
  } catch (cause) {
    if (checked.some((it) => it.severity === "error")) {
      return { spec: undefined, checked };
    }
    const message = messageOf(cause);
    const found: Diagnostic = { severity: "error", pointer: "/spec", message };
    return { spec: undefined, checked: [...checked, found] };
  }
}

/** Checks what the store itself relies on. */
function checkSlug(draft: Draft): Diagnostic[] {
  const pointer = draft.slugGiven ? "/metadata/slug" : "/metadata/name";
  const problem = slugProblem(draft);
  return problem === undefined
    ? []
    : [{ severity: "error", pointer, ...problem }];
}

function slugProblem(
  draft: Draft,
): Pick<Diagnostic, "message" | "hint"> | undefined {
  const { name, slug } = draft;
  if (name === "") {
    return { message: "The name is missing", hint: "Add metadata.name" };
  }
  if (slug === "") {
    return {
      message: `No slug can be derived from the name "${name}"`,
      hint: "Add metadata.slug",
    };
  }
  if (!isSlug(slug)) {
    return {
      message: `"${slug}" is no slug`,
      hint: "Use 1 to 63 lower-case letters, digits and single hyphens",
    };
  }
  if (idPrefix(slug) !== undefined) {
    return {
      message: `The slug "${slug}" reads as an id`,
      hint: "Choose another metadata.slug",
    };
  }
  return undefined;
}

function orEmpty(checked: readonly Diagnostic[]): readonly Diagnostic[] {
  if (checked.length > 0) return checked;
  return [{ severity: "error", pointer: "", message: "The resource is empty" }];
}
