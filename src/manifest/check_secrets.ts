/**
 * Checks secrets as they are given: to an environment, or to one run.
 *
 * Nothing that it says holds a value.
 *
 * @module
 */

import type { Resource } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { type Diagnostic, pointerTo } from "../model/diagnostic.ts";
import {
  SECRET_LENGTH_MIN,
  SECRET_SIZE_BYTES_MAX,
  secretForm,
} from "../model/secret_text.ts";
import { checkVariableName, error, VARIABLES_MAX } from "./_check_rules.ts";
import { byteLength, byteWords } from "./_limits.ts";

/** What secrets may be. */
export interface SecretRules {
  /** Whether those are taken that are too short to be masked. */
  readonly allowShort?: boolean;
}

/** Bytes of a secret's sealed text at the most. */
const SEALED_TEXT_SIZE_BYTES_MAX: number = 2 * SECRET_SIZE_BYTES_MAX;

/** Checks the secrets that stand under a pointer. */
export function checkSecretValues(
  secrets: Readonly<Record<string, string>>,
  root: string,
  rules: SecretRules,
): Diagnostic[] {
  const entries = Object.entries(secrets);
  const found: Diagnostic[] = [];
  if (entries.length > VARIABLES_MAX) {
    const message =
      `There may be ${VARIABLES_MAX} secrets, these are ${entries.length}`;
    found.push(error(root, message));
  }
  for (const [name, value] of entries) {
    const pointer = pointerTo(root, name);
    found.push(...checkVariableName(name, pointer));
    const fault = faultOf(name, value, rules);
    if (fault !== undefined) found.push(error(pointer, ...fault));
  }
  return found;
}

/** Refuses secrets that stand in a manifest as they are. */
export function checkNoPlainSecrets({ resource }: Resource): Diagnostic[] {
  if (resource.case !== "environment") return [];
  const secrets = resource.value.spec?.secrets ?? {};
  return Object.entries(secrets)
    // That an empty one is none is said for itself.
    .filter(([, value]) => value !== "" && secretForm(value) === "plain")
    .map(([name]) =>
      error(
        pointerTo("/spec/secrets", name),
        `Secret "${name}" stands here in plain text`,
        { hint: PLAIN_HINT },
      )
    );
}

const PLAIN_HINT = 'Write "***" for it and give the value with ' +
  "stigmer env set NAME --secret KEY, or say where it is in secretRefs, " +
  "or take it as it is with --allow-plain";

/** Says what is wrong with a value, without it. */
function faultOf(
  name: string,
  value: string,
  { allowShort = false }: SecretRules,
): [message: string, more?: { readonly hint: string }] | undefined {
  const form = secretForm(value);
  if (form === "kept") return undefined;
  const sizeBytesMax = form === "plain"
    ? SECRET_SIZE_BYTES_MAX
    : SEALED_TEXT_SIZE_BYTES_MAX;
  if (byteLength(value) > sizeBytesMax) {
    return [`Secret "${name}" is longer than ${byteWords(sizeBytesMax)}`];
  }
  if (form !== "plain") return undefined;
  if (value === "") {
    const hint = "Give it a value, or leave it out";
    return [`Secret "${name}" is empty`, { hint }];
  }
  if (value.includes("\0")) {
    return [
      `Secret "${name}" holds a NUL character, which no process can be given`,
    ];
  }
  if (allowShort || Array.from(value).length >= SECRET_LENGTH_MIN) {
    return undefined;
  }
  return [
    `Secret "${name}" has under ${SECRET_LENGTH_MIN} characters, ` +
    "it could not be hidden in what a run shows",
    { hint: "Take a longer one, or allow it with --allow-short" },
  ];
}
