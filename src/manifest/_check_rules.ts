/**
 * Rules that several kinds share.
 *
 * @module
 */

import type { EnvDeclaration } from "../../gen/stigmer/backend/v1/metadata_pb.ts";
import { type Diagnostic, pointerTo } from "../model/diagnostic.ts";
import { byteLength, byteWords } from "./_limits.ts";

/** Characters of a description at the most. */
const DESCRIPTION_LENGTH_MAX = 1024;
/** Environments of an instance at the most. */
const ENVIRONMENTS_MAX = 64;
/** Variables that a template may declare. */
const DECLARATIONS_MAX = 1000;

/** Variables of one environment, or of one run, at the most. */
export const VARIABLES_MAX = 1000;
/** Bytes of one variable's value at the most. */
const VARIABLE_SIZE_BYTES_MAX: number = 64 * 1024;
const VARIABLE_REGEXP = /^[A-Za-z_][A-Za-z0-9_]*$/;
const VARIABLE_LENGTH_MAX = 255;

/** Makes an error at a pointer. */
export function error(
  pointer: string,
  message: string,
  more: Partial<Diagnostic> = {},
): Diagnostic {
  return { severity: "error", pointer, message, ...more };
}

/** Checks the variables that stand under a pointer. */
export function checkVariables(
  variables: Readonly<Record<string, string>>,
  root: string,
): Diagnostic[] {
  const entries = Object.entries(variables);
  const found: Diagnostic[] = [];
  if (entries.length > VARIABLES_MAX) {
    const message =
      `There may be ${VARIABLES_MAX} variables, these are ${entries.length}`;
    found.push(error(root, message));
  }
  for (const [name, value] of entries) {
    const pointer = pointerTo(root, name);
    found.push(...checkVariableName(name, pointer));
    if (byteLength(value) > VARIABLE_SIZE_BYTES_MAX) {
      const size = byteWords(VARIABLE_SIZE_BYTES_MAX);
      found.push(error(pointer, `Variable "${name}" is longer than ${size}`));
    }
    if (value.includes("\0")) {
      const message =
        `Variable "${name}" holds a NUL character, which no process can be given`;
      found.push(error(pointer, message));
    }
  }
  return found;
}

/** Checks the name of a variable. */
export function checkVariableName(name: string, pointer: string): Diagnostic[] {
  if (name.length > VARIABLE_LENGTH_MAX) {
    const message =
      `A variable's name may have ${VARIABLE_LENGTH_MAX} characters`;
    return [error(pointer, message, { atKey: true })];
  }
  if (VARIABLE_REGEXP.test(name)) return [];
  const plain = name.replaceAll(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_");
  const hint = VARIABLE_REGEXP.test(plain)
    ? `Did you mean "${plain}"?`
    : "Use letters, digits and underscores";
  const message = `"${name}" is no name for a variable`;
  return [error(pointer, message, { atKey: true, hint })];
}

/** Checks the variables that a template declares. */
export function checkDeclarations(
  env: Readonly<Record<string, EnvDeclaration>>,
): Diagnostic[] {
  const entries = Object.entries(env);
  const found: Diagnostic[] = [];
  if (entries.length > DECLARATIONS_MAX) {
    const message =
      `A template may declare ${DECLARATIONS_MAX} variables, this declares ${entries.length}`;
    found.push(error("/spec/env", message));
  }
  for (const [name, declaration] of entries) {
    const pointer = pointerTo("/spec/env", name);
    found.push(...checkVariableName(name, pointer));
    if (declaration.secret && declaration.default) {
      const message =
        `Secret "${name}" cannot have its value in the definition`;
      const hint = "Remove the default, and give the value to the run";
      found.push(error(pointerTo(pointer, "default"), message, { hint }));
    }
  }
  return found;
}

/** Checks the line that says what a resource is for. */
export function checkDescription(description: string): Diagnostic[] {
  if (description.length <= DESCRIPTION_LENGTH_MAX) return [];
  const message = `A description may have ${DESCRIPTION_LENGTH_MAX} characters`;
  return [error("/spec/description", message)];
}

/** Checks the environments that an instance binds. */
export function checkReferences(names: readonly string[]): Diagnostic[] {
  const root = "/spec/environmentIds";
  const found: Diagnostic[] = [];
  if (names.length > ENVIRONMENTS_MAX) {
    const message =
      `An instance may bind ${ENVIRONMENTS_MAX} environments, this binds ${names.length}`;
    found.push(error(root, message));
  }
  const seen = new Set<string>();
  for (const [i, name] of names.entries()) {
    const pointer = pointerTo(root, i);
    if (name === "") {
      found.push(error(pointer, "An environment's name is empty"));
    } else if (seen.has(name)) {
      found.push(error(pointer, `Environment "${name}" is bound twice`));
    }
    seen.add(name);
  }
  return found;
}

/** Warns of what stands in a list more than once, of each one time. */
export function warnOfTwice(
  values: readonly string[],
  root: string,
): Diagnostic[] {
  const counts = new Map<string, number>();
  return values.flatMap((value, i) => {
    const count = (counts.get(value) ?? 0) + 1;
    counts.set(value, count);
    if (count !== 2) return [];
    const message = `"${value}" stands here more than once`;
    return [{ severity: "warning", pointer: pointerTo(root, i), message }];
  });
}
