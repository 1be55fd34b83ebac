/**
 * What the name of a language model may be: `PROVIDER/NAME`, or `script:FILE`.
 *
 * @module
 */

import type { Diagnostic } from "./diagnostic.ts";
import { nearestName } from "./near.ts";

/** The providers that a model's name may begin with. */
const PROVIDERS: readonly string[] = [
  "anthropic",
  "openai",
  "ollama",
  "openai-compatible",
];
const SCRIPT_PREFIX = "script:";
const NAME_LENGTH_MAX = 256;

/** Families of models that say by their name whose they are. */
const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/^claude-/, "anthropic"],
  [/^(?:gpt-|chatgpt-|o[1-9](?:-|$))/, "openai"],
];

/** Gives the model name with its provider, where the name tells it. */
export function withProvider(name: string): string {
  const family = FAMILIES.find(([pattern]) => pattern.test(name));
  return family === undefined ? name : `${family[1]}/${name}`;
}

/** Gives the provider of a model by its name; empty when it names none. */
export function providerOf(name: string): string {
  if (name.startsWith(SCRIPT_PREFIX)) return "script";
  const [provider = "", ...rest] = name.split("/");
  return rest.length === 0 ? "" : provider;
}

/** Says why a text cannot be the name of a model, and what may be meant. */
export function modelNameProblem(
  name: string,
): Pick<Diagnostic, "message" | "hint"> | undefined {
  if (name.length > NAME_LENGTH_MAX || /\p{Cc}/u.test(name)) {
    return { message: "This cannot be the name of a model" };
  }
  if (name.startsWith(SCRIPT_PREFIX)) {
    return name.length > SCRIPT_PREFIX.length
      ? undefined
      : { message: 'A scripted model names its file, as "script:FILE"' };
  }
  const [provider = "", ...rest] = name.split("/");
  if (rest.length === 0) {
    return PROVIDERS.includes(name) ? noModel(name) : noProvider(name);
  }
  if (!PROVIDERS.includes(provider)) {
    const near = nearestName(provider, PROVIDERS);
    return {
      message: `Unknown provider "${provider}" of model "${name}"`,
      hint: near === undefined
        ? `The providers are ${PROVIDERS.join(", ")}`
        : `Did you mean "${near}/${rest.join("/")}"?`,
    };
  }
  if (/^\S+$/.test(rest.join("/"))) return undefined;
  return { message: `Model "${name}" has no name after "${provider}/"` };
}

function noModel(provider: string): Pick<Diagnostic, "message" | "hint"> {
  return {
    message: `"${provider}" is a provider, and names no model of it`,
    hint: `Write ${provider}/NAME, NAME being what ${provider} calls the model`,
  };
}

function noProvider(name: string): Pick<Diagnostic, "message" | "hint"> {
  const whole = withProvider(name);
  return {
    message: `Model "${name}" names no provider`,
    hint: whole === name
      ? `Write PROVIDER/NAME, as "ollama/${name}", or "script:FILE"`
      : `Did you mean "${whole}"?`,
  };
}
