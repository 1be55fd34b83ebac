/**
 * Where a provider's key and address come from.
 *
 * The execution's variables stand over this process's environment, so that an
 * environment of Stigmer can carry a key.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import type { ModelContext, ModelSettings } from "./model.ts";

/** Reads a setting by the name of its variable; empty counts as absent. */
export function settingOf(
  name: string,
  context: ModelContext,
): string | undefined {
  const own = Object.hasOwn(context.variables, name)
    ? context.variables[name]
    : undefined;
  return own || context.host.env.get(name) || undefined;
}

/** Reads a key that there must be for a model. */
export function requiredKey(
  name: string,
  need: { readonly model: string; readonly context: ModelContext },
): string {
  const key = settingOf(name, need.context);
  if (key !== undefined) return key;
  throw new StigmerError(
    "UNAUTHENTICATED",
    `Cannot ask "${need.model}": no key, set ${name}`,
  );
}

/**
 * Says where the provider is.
 *
 * It is always said, because a provider that is told nothing reads the
 * process's environment by itself.
 */
export function addressOf(
  settings: ModelSettings,
  context: ModelContext,
  own: { readonly variable: string; readonly url: string },
): string {
  return settings.baseUrl || settingOf(own.variable, context) || own.url;
}
