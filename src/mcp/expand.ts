/**
 * Fills variables of the execution into what a server is started with.
 *
 * @module
 */

import { failedPrecondition } from "../model/error.ts";

const VARIABLE_REGEXP = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** Variables by name. */
export type Variables = Readonly<Record<string, string>>;

/**
 * Replaces each `${NAME}` by the variable's value.
 *
 * @throws StigmerError that names the variable when there is none.
 */
export function expand(
  text: string,
  variables: Variables,
  where: string,
): string {
  return text.replaceAll(VARIABLE_REGEXP, (_, name: string) => {
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

/** Reads a variable by its own name. */
export function variableOf(
  variables: Variables,
  name: string,
): string | undefined {
  return Object.hasOwn(variables, name) ? variables[name] : undefined;
}

/** Makes the error for a variable that is not there. */
export function missingVariable(name: string, where: string): Error {
  return failedPrecondition(
    `variable "${name}" of ${where} is missing, give it with ` +
      `--var ${name}=… or in an environment`,
  );
}
