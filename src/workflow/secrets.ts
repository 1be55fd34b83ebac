/**
 * Where `$secrets` and `$authorization` may stand, and which secrets a task
 * needs.
 *
 * A secret is opened just before an effect and for it alone, so that it can
 * stand only in what an effect is given: everything else is kept in the
 * journal.
 *
 * @module
 */

import type { Expression } from "../expr/expression.ts";
import { type Token, tokenize } from "../expr/tokens.ts";
import { pointerKeys } from "../model/diagnostic.ts";
import { isJsonArray, isJsonObject, type Json, member } from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import type { Place, TaskPlace } from "./context.ts";
import { type Report, reportError, reportStricter } from "./fields.ts";

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
  /** Where its input uses secrets; grows while its fields are read. */
  readonly secretInputs: Expression[];
  /** What stands where everybody can read it; grows while fields are read. */
  readonly published: Expression[];
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
/** What makes the input of a task. */
const INPUT: RegExp = /^\/(?:inputs|input\/from)(?:\/|$)/;
/** Fields of effects that are evaluated as the run goes. */
const DECIDING: readonly RegExp[] = [
  /^\/with\/subscription\/(?:filter|foreach|consume)(?:\/|$)/,
  /^\/with\/timeout(?:\/|$)/,
];
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
  notePublished(site, place);
  return task === undefined ? undefined : { ...task, ...revealsOf(site) };
}

/** Makes the site of a task, or of the workflow itself. */
export function newSite(pointer: string, isEffect: boolean): EffectSite {
  return {
    pointer,
    isEffect,
    secrets: new Set(),
    authorizations: [],
    secretInputs: [],
    published: [],
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
  if (variables?.includes("secrets")) {
    checkSecrets(expression, place, written);
    if (at !== undefined && INPUT.test(at)) site?.secretInputs.push(expression);
  } else if (at !== undefined && PUBLIC.some((it) => it.test(at))) {
    site?.published.push(expression);
  }
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
  const { site, use } = place.context;
  const at = { ...place, pointer: expression.pointer };
  const problem = misplaced(expression, site);
  if (problem !== undefined) return reportError(at, problem);
  for (const { name, token } of secretsIn(expression)) {
    if (name === undefined) {
      // Which one is computed, so that all of them may be meant.
      for (const declared of use.secrets) site?.secrets.add(declared);
    } else if (use.secrets.includes(name)) {
      site?.secrets.add(name);
    } else {
      noteUnknownSecret(
        name,
        at,
        offsetOf(token, { expression, place, written }),
      );
    }
  }
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
  const { site, use } = place.context;
  if (use.secrets.includes(name)) site?.secrets.add(name);
  else noteUnknownSecret(name, place);
}

/** Says why a secret cannot stand where it does. */
function misplaced(
  expression: Expression,
  site: EffectSite | undefined,
): Report | undefined {
  const { pointer, source } = expression;
  if (AUTHENTICATIONS.test(pointer)) return undefined;
  const at = pathInTask(pointer, site);
  if (at !== undefined && SCHEMA_RESOURCE.test(at)) return undefined;
  if (site?.isEffect && at !== undefined && GIVEN.test(at)) {
    if (PUBLIC.some((it) => it.test(at))) {
      return {
        message:
          `Secrets, as in "${source}", cannot stand here: everybody on ` +
          "the host can read it",
        hint: 'Give it as "environment" or "stdin"',
      };
    }
    if (!DECIDING.some((it) => it.test(at))) return undefined;
  }
  return {
    message: `Secrets, as in "${source}", cannot stand here: this is kept in ` +
      "the journal",
    hint: site?.receiver !== undefined && at !== undefined && GIVEN.test(at)
      ? `What ${site.receiver} is given is kept: use the secret in a call of ` +
        "its own, and pass on what that gives"
      : 'Use them in the "with" of a call, or in the "environment" or ' +
        '"stdin" of a process',
  };
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

/** The secrets that an expression takes, each with its token in the source. */
function secretsIn(
  { source, program }: Expression,
): readonly { readonly name: string | undefined; readonly token: Token }[] {
  const tokens = tokenize(program ?? source);
  return tokens.flatMap((token, i) => {
    if (token.kind !== "variable" || token.text !== "secrets") return [];
    return [{ name: memberAfter(tokens, i + 1), token }];
  });
}

/** The constant key that is taken at a token: `.NAME`, `."NAME"`, `["NAME"]`. */
function memberAfter(
  tokens: readonly Token[],
  at: number,
): string | undefined {
  const isOperator = (index: number, text: string): boolean =>
    tokens[index]?.kind === "operator" && tokens[index]?.text === text;
  const first = tokens[at];
  if (first?.kind === "field") return first.text;
  if (isOperator(at, ".")) {
    return isOperator(at + 1, "[")
      ? memberAfter(tokens, at + 1)
      : textAt(tokens, at + 1);
  }
  if (!isOperator(at, "[") || !isOperator(at + 4, "]")) return undefined;
  return textAt(tokens, at + 1);
}

/** The constant string that begins at a token. */
function textAt(tokens: readonly Token[], at: number): string | undefined {
  const [start, text, end] = tokens.slice(at, at + 3);
  return start?.kind === "text-start" && text?.kind === "text" &&
      end?.kind === "text-end"
    ? text.text
    : undefined;
}

/** Where a token of an expression stands in the string that has it. */
function offsetOf(
  token: Token,
  { expression, place, written }: {
    readonly expression: Expression;
    readonly place: Place;
    readonly written: Json;
  },
): number | undefined {
  // A graph writes its references otherwise.
  if (expression.program !== undefined) return undefined;
  let text: Json | undefined = written;
  const inside = expression.pointer.slice(place.pointer.length);
  for (const key of pointerKeys(inside)) {
    if (isJsonArray(text)) text = text[Number(key)];
    else text = isJsonObject(text) ? member(text, key) : undefined;
  }
  const start = typeof text === "string" ? text.indexOf(expression.source) : -1;
  return start < 0 ? undefined : start + token.start;
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

/** Notes what may show an input with secrets to everybody. */
function notePublished(
  { secretInputs, published }: EffectSite,
  place: TaskPlace,
): void {
  if (secretInputs.length === 0) return;
  for (const { source, pointer } of published) {
    reportError({ ...place, pointer }, {
      message: `An input with secrets, as "${source}" may read it, cannot ` +
        "stand here: everybody on the host can read it",
      hint: 'Give secrets as "environment" or "stdin", not by the input',
    });
  }
}

function hasAuthentication(value: Json | undefined): boolean {
  if (!isJsonObject(value)) return false;
  return member(value, "authentication") !== undefined ||
    Object.values(value).some(hasAuthentication);
}
