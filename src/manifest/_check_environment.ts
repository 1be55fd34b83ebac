/**
 * Checks what an environment holds: variables, secrets and where others are.
 *
 * @module
 */

import type {
  EnvironmentSpec,
  SecretRef,
} from "../../gen/stigmer/backend/v1/environment_pb.ts";
import { type Diagnostic, pointerTo } from "../model/diagnostic.ts";
import {
  checkDescription,
  checkVariableName,
  checkVariables,
  error,
  VARIABLES_MAX,
} from "./_check_rules.ts";
import { checkSecretValues, type SecretRules } from "./check_secrets.ts";
import { byteLength } from "./_limits.ts";

/** Bytes of the place that a reference names at the most. */
const REFERENCE_SIZE_BYTES_MAX = 4096;
/** Where the keys are that open everything; Windows knows no case. */
const MASTER_KEY_REGEXPS = {
  env: /^STIGMER_MASTER_KEY(?:_NEXT)?$/i,
  keychain: /^stigmer\/key-[0-9a-f]+$/i,
} as const;
const ABSOLUTE_REGEXP = /^(?:\/|~[/\\]|[A-Za-z]:[/\\]|\\\\)/;

/** Says everything that is wrong with an environment. */
export function checkEnvironment(
  spec: EnvironmentSpec,
  rules: SecretRules,
): Diagnostic[] {
  return [
    ...checkDescription(spec.description),
    ...checkVariables(spec.variables, "/spec/variables"),
    ...checkSecretValues(spec.secrets, "/spec/secrets", rules),
    ...checkSecretRefs(spec.secretRefs),
    ...checkNamesOnce(spec),
  ];
}

function checkSecretRefs(
  refs: Readonly<Record<string, SecretRef>>,
): Diagnostic[] {
  const root = "/spec/secretRefs";
  const entries = Object.entries(refs);
  const found: Diagnostic[] = [];
  if (entries.length > VARIABLES_MAX) {
    const message =
      `There may be ${VARIABLES_MAX} references, these are ${entries.length}`;
    found.push(error(root, message));
  }
  for (const [name, ref] of entries) {
    const pointer = pointerTo(root, name);
    found.push(...checkVariableName(name, pointer));
    found.push(...checkSecretRef(name, ref, pointer));
  }
  return found;
}

function checkSecretRef(
  name: string,
  { source }: SecretRef,
  pointer: string,
): Diagnostic[] {
  if (source.case === undefined) {
    const hint =
      "Give one of env: VARIABLE, file: PATH, keychain: SERVICE/ACCOUNT";
    const message = `Secret "${name}" refers to nothing`;
    return [error(pointer, message, { hint })];
  }
  const at = pointerTo(pointer, source.case);
  const { value } = source;
  if (value.includes("\0") || byteLength(value) > REFERENCE_SIZE_BYTES_MAX) {
    return [error(at, `Secret "${name}" refers to no usable place`)];
  }
  if (source.case !== "file" && MASTER_KEY_REGEXPS[source.case].test(value)) {
    const hint = "Give the secret a place of its own";
    const message =
      `Secret "${name}" refers to the master key, which no run is given`;
    return [error(at, message, { hint })];
  }
  switch (source.case) {
    case "env":
      return /^[^\s=]+$/.test(value)
        ? []
        : [error(at, `Secret "${name}" refers to no variable`, {
          hint: "Write env: NAME",
        })];
    case "file":
      return ABSOLUTE_REGEXP.test(value)
        ? []
        : [error(at, `Secret "${name}" needs the whole path of its file`, {
          hint: "Write file: /path/to/it, or file: ~/path/to/it",
        })];
    case "keychain":
      return /^[^/]+\/.+$/.test(value)
        ? []
        : [error(at, `Secret "${name}" refers to no item of the keychain`, {
          hint: "Write keychain: SERVICE/ACCOUNT",
        })];
  }
}

/** A name is a variable, a secret or a reference, and never two of them. */
function checkNamesOnce(spec: EnvironmentSpec): Diagnostic[] {
  const { variables, secrets, secretRefs } = spec;
  return [
    ...twice(secrets, variables, {
      root: "/spec/secrets",
      what: "a variable and a secret",
    }),
    ...twice(secretRefs, variables, {
      root: "/spec/secretRefs",
      what: "a variable and a secret",
    }),
    ...twice(secretRefs, secrets, {
      root: "/spec/secretRefs",
      what: "a secret that is kept here and a reference to one",
    }),
  ];
}

function twice(
  later: Readonly<Record<string, unknown>>,
  earlier: Readonly<Record<string, unknown>>,
  { root, what }: { readonly root: string; readonly what: string },
): Diagnostic[] {
  return Object.keys(later).filter((name) => Object.hasOwn(earlier, name))
    .map((name) =>
      error(pointerTo(root, name), `"${name}" is both ${what}, keep one`, {
        atKey: true,
      })
    );
}
