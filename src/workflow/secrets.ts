/**
 * Where `$secrets` and `$authorization` may stand, and which secrets a task
 * needs.
 *
 * `$secrets` may stand in nearly all that is data and in all that decides; what
 * leaves the run shows `***` for it. It may not stand where it would be written
 * down or where everybody can read it.
 *
 * @module
 */

import type { Expression } from "../expr/expression.ts";
import { memberUses } from "../expr/members.ts";
import { offsetWritten } from "../expr/place.ts";
import { pointerKeys } from "../model/diagnostic.ts";
import { isJsonArray, isJsonObject, type Json, member } from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import type { Place, TaskPlace } from "./context.ts";
import {
  type Report,
  reportError,
  reportStricter,
  reportWarning,
} from "./fields.ts";

/** The task whose fields are read, and what it turns out to need. */
export interface EffectSite {
  /** JSON pointer of the task. */
  readonly pointer: string;
  /** Whether the task does something to the world. */
  readonly isEffect: boolean;
  /** Who is given its arguments, where that is not an effect: an agent. */
  readonly receiver?: string;
  /** The secrets that its fields name; grows while they are read. */
  readonly secrets: Set<string>;
  /** Where it uses `$authorization`; grows while its fields are read. */
  readonly authorizations: Expression[];
}

/** What an effect needs before its fields can be evaluated. */
export interface Reveals {
  /** The secrets that they use. */
  readonly secrets: readonly string[];
  /** Whether they use `$authorization`. */
  readonly authorization: boolean;
}

/** Calls that are effects of their own; others run tasks, people or agents. */
const EFFECT_CALLS: readonly string[] = [
  "a2a",
  "asyncapi",
  "grpc",
  "http",
  "llm",
  "mcp",
  "openapi",
];
const PROCESSES: readonly string[] = ["container", "script", "shell"];
/** Fields of effects that everybody on the host can read. */
const PUBLIC: readonly RegExp[] = [
  /^\/with\/transport\/stdio\/(?:command|arguments)(?:\/|$)/,
  /^\/run\/\w+\/(?:command|arguments|code|image|name|ports|volumes)(?:\/|$)/,
];
/** Where a length of time stands, in a task. */
const DURATION =
  /^\/(?:wait|timeout|run\/container\/lifetime|(?:catch\/)?retry\/(?:delay|limit|jitter|backoff))(?:\/|$)/;
/** Where one stands in a call, apart from functions of one's own. */
const CALL_DURATION = /^\/with\/(?:timeout|subscription\/consume\/for)(?:\/|$)/;
/** Where one stands outside of tasks, and when the workflow starts. */
const COMMON_DURATION =
  /^\/(?:timeout|schedule|use\/timeouts|(?:use\/retries\/[^/]+|tasks\/\d+\/retry)\/(?:delay|limit|jitter|backoff))(?:\/|$)/;
/** What is asked of all that comes. */
const FILTER =
  /^\/(?:listen\/to|with\/subscription\/(?:filter|consume))(?:\/|$)/;
/** What an error must have to be caught. */
const CAUGHT = /^\/catch\/errors\//;
/** What names the agent, the conversation and the model. */
const AGENT_NAME = /^\/(?:with\/)?(?:agent|session|model)$/;
/** What others are told. */
const TOLD = /^\/(?:emit|raise)\//;
const COMMON_TOLD = /^\/use\/errors\//;
/** Fields that an effect is given. */
const GIVEN: RegExp =
  /^\/(?:with|inputs|input\/from|run\/(?:shell|script|container))(?:\/|$)/;
/** Where a schema is kept is nobody's data, and fetching it is an effect. */
const SCHEMA_RESOURCE = /^\/(?:input|output|export)\/schema\/resource\//;
const AUTHENTICATIONS =
  /^\/use\/(?:authentications|catalogs\/[^/]+\/endpoint\/authentication)(?:\/|$)/;

/** Reads a task, and notes with it what its fields need. */
export function readingTask<T extends object>(
  place: TaskPlace,
  read: (place: TaskPlace) => T | undefined,
): (T & { readonly reveals?: Reveals }) | undefined {
  const known = place.context.site;
  if (known?.pointer === place.pointer) return read(place);
  const receiver = receiverOf(place);
  const site: EffectSite = {
    ...newSite(place.pointer, isEffect(place)),
    ...(receiver === undefined ? {} : { receiver }),
  };
  const task = read({ ...place, context: { ...place.context, site } });
  if (!hasAuthentication(member(place.object, "with"))) {
    noteNoAuthentication(site, place);
  }
  return task === undefined ? undefined : { ...task, ...revealsOf(site) };
}

/** Makes the site of a task, or of the workflow itself. */
export function newSite(pointer: string, isEffect: boolean): EffectSite {
  return {
    pointer,
    isEffect,
    secrets: new Set(),
    authorizations: [],
  };
}

/** What the fields of a site turned out to need; nothing where they need none. */
export function revealsOf(
  { secrets, authorizations }: EffectSite,
): { readonly reveals?: Reveals } {
  const authorization = authorizations.length > 0;
  if (secrets.size === 0 && !authorization) return {};
  return { reveals: { secrets: [...secrets], authorization } };
}

function isEffect({ object }: TaskPlace): boolean {
  const call = member(object, "call");
  if (typeof call === "string") return EFFECT_CALLS.includes(call);
  const run = member(object, "run");
  return isJsonObject(run) &&
    PROCESSES.some((key) => member(run, key) !== undefined);
}

function receiverOf({ object }: TaskPlace): string | undefined {
  if (member(object, "agent") !== undefined) return "an agent";
  const call = member(object, "call");
  if (typeof call !== "string" || EFFECT_CALLS.includes(call)) return undefined;
  if (call === "agent") return "an agent";
  return call === "human" ? "a person" : "a function";
}

/** Notes secrets and authorization where they may not stand. */
export function checkReveals(
  expression: Expression,
  place: Place,
  written: Json,
): void {
  const { variables } = expression;
  const { site } = place.context;
  const at = pathInTask(expression.pointer, site);
  if (variables?.includes("secrets")) checkSecrets(expression, place, written);
  if (!variables?.includes("authorization")) return;
  if (
    site?.isEffect && at !== undefined && GIVEN.test(at) &&
    !/\/authentication(?:\/|$)/.test(at)
  ) {
    site.authorizations.push(expression);
    return;
  }
  reportStricter({ ...place, pointer: expression.pointer }, {
    message: '"$authorization" is known only in the fields of a call with ' +
      '"authentication"',
  });
}

function checkSecrets(
  expression: Expression,
  place: Place,
  written: Json,
): void {
  const { context } = place;
  const at = { ...place, pointer: expression.pointer };
  const problem = misplaced(expression, context.site);
  if (problem !== undefined) return reportError(at, problem);
  const program = expression.program ?? expression.source;
  for (const { name, offset } of memberUses(program, "secrets")) {
    if (name === undefined) {
      // Which one is computed, so that all of them may be meant.
      for (const it of context.use.secrets) noteUse(it, expression, context);
    } else if (isKnown(name, context)) {
      noteUse(name, expression, context);
    } else {
      noteUnknownSecret(
        name,
        at,
        offsetOf(offset, { expression, place, written }),
      );
      return;
    }
  }
  const told = toldTo(expression, context.site);
  if (told !== undefined) reportWarning(at, told);
}

function isKnown(name: string, { use }: Place["context"]): boolean {
  return use.anySecret || use.secrets.includes(name);
}

/** Notes that the workflow uses a secret, and whether its effect is given it. */
function noteUse(
  name: string,
  { pointer }: Expression,
  { site, usedSecrets }: Place["context"],
): void {
  usedSecrets.add(name);
  if (isGiven(pointer, site)) site?.secrets.add(name);
}

/** Notes a secret that the definition does not name. */
export function noteUnknownSecret(
  name: string,
  place: Place,
  offset?: number,
): void {
  const { secrets } = place.context.use;
  const near = didYouMean(name, secrets);
  reportError(place, {
    message: `Unknown secret "${name}"`,
    hint: near.hint ?? 'Name it under "use.secrets"',
    ...(offset === undefined ? {} : { offset }),
  });
}

/**
 * Makes a task need a secret that it names without an expression, as
 * `authentication: {basic: {use: NAME}}` does; unknown ones are noted.
 */
export function needSecret(name: string, place: Place): void {
  const { site, usedSecrets } = place.context;
  if (!isKnown(name, place.context)) return noteUnknownSecret(name, place);
  usedSecrets.add(name);
  site?.secrets.add(name);
}

/** Whether a field is opened for an effect by itself. */
function isGiven(pointer: string, site: EffectSite | undefined): boolean {
  if (AUTHENTICATIONS.test(pointer)) return true;
  const at = pathInTask(pointer, site);
  if (at === undefined) return false;
  return SCHEMA_RESOURCE.test(at) ||
    (site?.isEffect === true && GIVEN.test(at));
}

/** Says why a secret cannot stand where it does. */
function misplaced(
  { pointer, source }: Expression,
  site: EffectSite | undefined,
): Report | undefined {
  if (AUTHENTICATIONS.test(pointer)) return undefined;
  const at = pathInTask(pointer, site);
  const report = (why: string, hint: string): Report => ({
    message: `Secrets, as in "${source}", cannot stand here: ${why}`,
    hint,
  });
  const isOwn = site?.receiver === "a function";
  if (at === undefined ? COMMON_DURATION.test(pointer) : DURATION.test(at)) {
    return report(
      "the journal says how long something takes",
      "Use a variable, or a constant",
    );
  }
  if (at === undefined || site === undefined) return undefined;
  if (!isOwn && CALL_DURATION.test(at)) {
    return report(
      "the journal says how long something takes",
      "Use a variable, or a constant",
    );
  }
  if (FILTER.test(at) && !isOwn) {
    return report(
      "it is asked of all that comes, and a secret is opened for one task",
      'Take what comes, and look at it in an "if" or a "switch"',
    );
  }
  if (CAUGHT.test(at)) {
    return report(
      "errors show no secret, so that none would be caught",
      'Look at it in "catch.when"',
    );
  }
  if (site.receiver === "an agent" && AGENT_NAME.test(at)) {
    return report("it names what is run", "Use a variable, or a constant");
  }
  if (site.isEffect && PUBLIC.some((it) => it.test(at))) {
    return report(
      "everybody on the host can read it",
      'Give it as "environment" or "stdin"',
    );
  }
  return undefined;
}

/** Says that others will not see the secret. */
function toldTo(
  { pointer, source }: Expression,
  site: EffectSite | undefined,
): Report | undefined {
  const at = pathInTask(pointer, site);
  const isTold = at === undefined
    ? COMMON_TOLD.test(pointer) || pointer.startsWith("/output/")
    : TOLD.test(at) || (site?.pointer === "" && at.startsWith("/output/as")) ||
      (site?.receiver === "a person" && at.startsWith("/with/"));
  return isTold
    ? { message: `This leaves the run, where "${source}" is "***"` }
    : undefined;
}

/** Where an expression stands in the task that is read. */
function pathInTask(
  pointer: string,
  site: EffectSite | undefined,
): string | undefined {
  if (site === undefined || !pointer.startsWith(`${site.pointer}/`)) {
    return undefined;
  }
  return pointer.slice(site.pointer.length);
}

/** Where an offset of a program stands in the string that has it. */
function offsetOf(
  offset: number,
  { expression, place, written }: {
    readonly expression: Expression;
    readonly place: Place;
    readonly written: Json;
  },
): number | undefined {
  let text: Json | undefined = written;
  const inside = expression.pointer.slice(place.pointer.length);
  for (const key of pointerKeys(inside)) {
    if (isJsonArray(text)) text = text[Number(key)];
    else text = isJsonObject(text) ? member(text, key) : undefined;
  }
  const start = typeof text === "string" ? text.indexOf(expression.source) : -1;
  if (start < 0) return undefined;
  const { shifts = [], trimmed = 0 } = expression;
  return start + offsetWritten(shifts, offset) - trimmed;
}

/** Notes `$authorization` in a call that proves nothing: it gets none. */
function noteNoAuthentication(
  { authorizations }: EffectSite,
  place: TaskPlace,
): void {
  const [first] = authorizations.splice(0);
  if (first === undefined) return;
  reportStricter({ ...place, pointer: first.pointer }, {
    message: '"$authorization" is not known: this call has no ' +
      '"authentication"',
  });
}

function hasAuthentication(value: Json | undefined): boolean {
  if (!isJsonObject(value)) return false;
  return member(value, "authentication") !== undefined ||
    Object.values(value).some(hasAuthentication);
}
