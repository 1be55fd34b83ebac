/**
 * Fills variables and secrets of the execution into what a server is started
 * with.
 *
 * @module
 */

import { failedPrecondition } from "../model/error.ts";

const NAME_REGEXP = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** Values by name: the variables of an execution, and what was opened. */
export type Variables = Readonly<Record<string, string>>;

/**
 * Replaces each `${NAME}` by its value.
 *
 * @throws StigmerError that names what there is no value for.
 */
export function expand(
  text: string,
  variables: Variables,
  where: string,
): string {
  return text.replaceAll(NAME_REGEXP, (_, name: string) => {
    const value = variableOf(variables, name);
    if (value === undefined) throw missingVariable(name, where);
    return value;
  });
}

/** Replaces in each value of a record. */
export function expandAll(
  values: Readonly<Record<string, string>>,
  variables: Variables,
  where: string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      expand(value, variables, `${where} ${key}`),
    ]),
  );
}

/** Gives each NAME that texts have as `${NAME}`, once. */
export function namesIn(texts: readonly string[]): readonly string[] {
  const names = texts.flatMap((text) =>
    [...text.matchAll(NAME_REGEXP)].flatMap(([, name]) => name ?? [])
  );
  return [...new Set(names)];
}

/** Reads a value by its own name. */
export function variableOf(
  variables: Variables,
  name: string,
): string | undefined {
  return Object.hasOwn(variables, name) ? variables[name] : undefined;
}

/** Makes the error for a value that is not there. */
export function missingVariable(name: string, where: string): Error {
  return failedPrecondition(
    `variable "${name}" of ${where} is missing, give it with ` +
      `--var ${name}=…, with --secret ${name} or in an environment`,
  );
}
