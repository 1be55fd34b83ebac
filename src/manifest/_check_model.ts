/**
 * Checks which model an agent asks for, and how it samples.
 *
 * @module
 */

import type { ModelSettings } from "../../gen/stigmer/backend/v1/agent_pb.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { nearestName } from "../model/near.ts";
import { error } from "./_check_rules.ts";
import { webAddressProblem } from "./_check_url.ts";
import { withProvider } from "./_model_shorthand.ts";

/** The providers that a model's name may begin with. */
export const PROVIDERS: readonly string[] = [
  "anthropic",
  "openai",
  "ollama",
  "openai-compatible",
];
/** The highest sampling temperature. */
const TEMPERATURE_MAX = 2;

/** What gives the address of an `openai-compatible` model otherwise. */
const ADDRESS_VARIABLE = "OPENAI_COMPATIBLE_BASE_URL";
const SCRIPT_PREFIX = "script:";
const NAME_LENGTH_MAX = 256;

/** Checks the model settings of an agent. */
export function checkModel(model: ModelSettings): Diagnostic[] {
  const found = [
    ...checkModelName(model.name, "/spec/model/name"),
    ...checkAddress(model),
  ];
  const { temperature, maxOutputTokens } = model;
  if (
    temperature !== undefined &&
    !(temperature >= 0 && temperature <= TEMPERATURE_MAX)
  ) {
    const message =
      `A temperature lies between 0 and ${TEMPERATURE_MAX}, got ${temperature}`;
    found.push(error("/spec/model/temperature", message));
  }
  if (maxOutputTokens === 0) {
    const message = "A turn needs 1 output token at least";
    found.push(error("/spec/model/maxOutputTokens", message));
  }
  return found;
}

/** Checks the name of a model; an empty one means the best one reachable. */
export function checkModelName(name: string, pointer: string): Diagnostic[] {
  if (name === "") return [];
  if (name.length > NAME_LENGTH_MAX || /\p{Cc}/u.test(name)) {
    return [error(pointer, "This cannot be the name of a model")];
  }
  if (name.startsWith(SCRIPT_PREFIX)) {
    return name.length > SCRIPT_PREFIX.length
      ? []
      : [error(pointer, 'A scripted model names its file, as "script:FILE"')];
  }
  const [provider = "", ...rest] = name.split("/");
  if (rest.length === 0) return [noProvider(name, pointer)];
  if (!PROVIDERS.includes(provider)) {
    const near = nearestName(provider, PROVIDERS);
    const hint = near === undefined
      ? `The providers are ${PROVIDERS.join(", ")}`
      : `Did you mean "${near}/${rest.join("/")}"?`;
    return [
      error(pointer, `Unknown provider "${provider}" of model "${name}"`, {
        hint,
      }),
    ];
  }
  if (/^\S+$/.test(rest.join("/"))) return [];
  return [error(pointer, `Model "${name}" has no name after "${provider}/"`)];
}

function noProvider(name: string, pointer: string): Diagnostic {
  const whole = withProvider(name);
  const message = `Model "${name}" names no provider`;
  const hint = whole === name
    ? `Write PROVIDER/NAME, as "ollama/${name}", or "script:FILE"`
    : `Did you mean "${whole}"?`;
  return error(pointer, message, { hint });
}

function checkAddress({ name, baseUrl }: ModelSettings): Diagnostic[] {
  const pointer = "/spec/model/baseUrl";
  if (baseUrl === "") {
    if (!name.startsWith("openai-compatible/")) return [];
    const message = `Model "${name}" has no address`;
    const hint = `Add baseUrl, or give ${ADDRESS_VARIABLE} to the run`;
    return [{ severity: "warning", pointer, message, hint }];
  }
  const problem = webAddressProblem(baseUrl, { plainHttp: true });
  return problem === undefined ? [] : [error(pointer, problem)];
}
