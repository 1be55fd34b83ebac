/**
 * Checks what a run is given against what its template can use, before it is
 * stored.
 *
 * @module
 */

import type { Definition } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { Host } from "../host/host.ts";
import { type Diagnostic, pointerTo } from "../model/diagnostic.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import type { ExecutionId } from "../model/id.ts";
import { isJsonArray, isJsonObject, type Json } from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import { readReferences } from "../store/contexts.ts";
import type { Database } from "../store/driver.ts";
import { sealedNames } from "../store/sealed_values.ts";
import type { Plan } from "../workflow/tree.ts";
import type { ServiceDeps } from "./deps.ts";
import { declaredBy, subjectOf } from "./execution_draft.ts";
import { refusedDefinition } from "./resource_context.ts";
import { processSecret, secretVariable } from "./secrets.ts";
import type { Target } from "./target.ts";
import { type UsableNames, usableNames } from "./usable_names.ts";
import type { Layer } from "./variables.ts";
import { planOf } from "./workflow_plan.ts";

/** Names that an error lists at the most. */
const NAMES_MAX = 10;

/** What of a run is checked. */
export interface GivenNames {
  /** What the run itself is given. */
  readonly run: Layer;
  readonly merged: Layer;
  /** What was bound, by the names of the environments. */
  readonly environments: readonly Layer[];
  readonly definitions: readonly Definition[];
  /**
   * Whether this process runs it, or leaves it to a worker; absent where that
   * is not known.
   */
  readonly runsHere?: boolean;
  /** Names that an earlier run was given, for which it may have no use now. */
  readonly before?: ReadonlySet<string>;
}

/**
 * Refuses a run that is given what nothing can use, or not given what it
 * cannot do without.
 *
 * @throws {StigmerError} INVALID_ARGUMENT, by name.
 */
export function checkGivenNames(
  deps: ServiceDeps,
  target: Target,
  given: GivenNames,
): void {
  const { store: { database }, host } = deps;
  refusePlain(target, given.run);
  const { run, before, definitions } = given;
  const usable = usableNames(target, { database, definitions });
  refuseUnknown(target, { run, before, usable });
  refuseUnstartable(target, { merged: given.merged, usable });
  if (given.runsHere === true) refuseMissingSecrets(deps, target, given);
  if (given.runsHere === false) refuseLeftHere(host, target, given);
}

/** A declared secret must not lie about as a variable. */
function refusePlain(target: Target, { variables }: Layer): void {
  const declared = declaredBy(target);
  const name = Object.keys(variables).find((it) =>
    Object.hasOwn(declared, it) && declared[it]?.secret === true
  );
  if (name === undefined) return;
  throw invalidArgument(
    `Cannot execute ${
      subjectOf(target)
    }: "${name}" is a secret, and is given ` +
      "as a plain variable",
    { hints: [`Give it with --secret ${name}`] },
  );
}

function refuseUnknown(
  target: Target,
  { run, before, usable }: {
    readonly run: Layer;
    readonly before: ReadonlySet<string> | undefined;
    readonly usable: UsableNames;
  },
): void {
  if (usable.isOpen) return;
  const unknown = [
    ...Object.keys(run.variables).map((name) => ({ name, what: "variable" })),
    ...Object.keys(run.secrets).map((name) => ({ name, what: "secret" })),
  ].find(({ name }) => !usable.names.has(name) && !before?.has(name));
  if (unknown === undefined) return;
  const { name, what } = unknown;
  const { hint = whatItUses(usable.names) } = didYouMean(name, usable.names);
  throw invalidArgument(
    `Cannot execute ${subjectOf(target)}: nothing in it uses ${what} "${name}"`,
    { hints: [hint] },
  );
}

function whatItUses(names: ReadonlySet<string>): string {
  const all = [...names].sort();
  if (all.length === 0) return "It uses none: leave it out";
  const more = all.length > NAMES_MAX ? " …" : "";
  return `It uses ${all.slice(0, NAMES_MAX).join(", ")}${more}`;
}

function refuseUnstartable(
  target: Target,
  { merged, usable }: { readonly merged: Layer; readonly usable: UsableNames },
): void {
  const missing = [...usable.required].find(([name]) =>
    !has(merged.variables, name) && !has(merged.secrets, name)
  );
  if (missing === undefined) return;
  const [name, server] = missing;
  throw invalidArgument(
    `Cannot execute ${subjectOf(target)}: tool server "${server}" needs ` +
      `"${name}" and nothing gives it`,
    {
      hints: [
        `Give it with --secret ${name} or --var ${name}=VALUE, or an ` +
        "environment that has it with --env",
      ],
    },
  );
}

function refuseMissingSecrets(
  { host, serving }: Pick<ServiceDeps, "host" | "serving">,
  target: Target,
  given: GivenNames,
): void {
  if (target.template.kind === "Agent") return;
  const plan = planOf(target.template.workflow);
  const missing = plan.usedSecrets.filter((name) =>
    !has(given.merged.secrets, name) && processSecret(host, name) === undefined
  );
  const [first] = missing;
  if (first === undefined) return;
  const help = missing.map((name) =>
    wayOut(name, given, { isServed: serving !== undefined })
  );
  if (target.resourceId !== "") {
    throw invalidArgument(missingText(target, missing), { hints: help });
  }
  throw refusedDefinition(
    `execute ${subjectOf(target)}`,
    missing.map((name, i): Diagnostic => ({
      severity: "error",
      pointer: `/spec${pointerOfSecret(plan, name)}`,
      message: `Secret "${name}" is used and nothing gives it`,
      hint: help[i] ?? "",
    })),
  );
}

/** What is applied has no file with a place to show. */
function missingText(target: Target, missing: readonly string[]): string {
  const names = missing.map((name) => `"${name}"`).join(", ");
  const [what, uses, it] = missing.length === 1
    ? ["secret", "is", "it"]
    : ["secrets", "are", "them"];
  const subject = subjectOf(target);
  return `Cannot execute ${subject}: ${what} ${names} ${uses} used, and ` +
    `nothing gives ${it}`;
}

/** A worker does not have the variables of who leaves it a run. */
function refuseLeftHere(
  host: Pick<Host, "env">,
  target: Target,
  { merged }: GivenNames,
): void {
  if (target.template.kind === "Agent") return;
  const name = planOf(target.template.workflow).usedSecrets.find((it) =>
    !has(merged.secrets, it) && processSecret(host, it) !== undefined
  );
  if (name === undefined) return;
  const variable = secretVariable(name);
  throw invalidArgument(
    `Cannot leave ${subjectOf(target)} to a worker: secret "${name}" is only ` +
      `in variable ${variable} of this process, which the worker does not have`,
    {
      hints: [
        `Give it with --secret ${name}, or an environment that has it with ` +
        `--env; where the worker has ${variable} itself, unset it here`,
      ],
    },
  );
}

function wayOut(
  name: string,
  { merged, environments }: GivenNames,
  { isServed }: { readonly isServed: boolean },
): string {
  if (has(merged.variables, name)) {
    return `It is there as a variable: keep it as a secret with \`stigmer env ` +
      `set\`, or give it with --secret ${name}`;
  }
  const { hint } = didYouMean(name, Object.keys(merged.secrets));
  const bound = environments.map(inWords).join("; ");
  return `${
    hint === undefined ? "" : `${hint} `
  }Give it with --secret ${name}, ` +
    "or an environment that has it with --env, or set " +
    // Of the variables of who calls, a server sees none.
    `${secretVariable(name)}${isServed ? " for the server itself" : ""} (${
      bound === "" ? "no environment is bound" : `bound: ${bound}`
    })`;
}

function inWords({ name = "", secrets }: Layer): string {
  const names = Object.keys(secrets);
  if (names.length === 0) return `"${name}" without secrets`;
  const more = names.length > NAMES_MAX ? " …" : "";
  return `"${name}" with ${names.slice(0, NAMES_MAX).join(", ")}${more}`;
}

/** Where a definition uses a secret first, or declares it. */
function pointerOfSecret(
  { definition, writtenAt }: Plan,
  name: string,
): string {
  const bare = RegExp.escape(name);
  const quoted = RegExp.escape(JSON.stringify(name));
  const use = new RegExp(
    "(?:\\$|\\{\\s*)secrets\\s*" +
      `(?:\\.\\s*(?:${bare}(?!\\w)|${quoted})|\\[\\s*${quoted})`,
  );
  const pointer = firstText(definition, (text) => use.test(text)) ??
    firstText(definition, (text) => text === name) ?? "";
  return writtenAt?.(pointer) ?? pointer;
}

function firstText(
  value: Json,
  isMeant: (text: string) => boolean,
): string | undefined {
  if (typeof value === "string") return isMeant(value) ? "" : undefined;
  const entries = isJsonArray(value)
    ? value.map((item, i) => [String(i), item] as const)
    : isJsonObject(value)
    ? Object.entries(value)
    : [];
  for (const [key, item] of entries) {
    const within = firstText(item, isMeant);
    if (within !== undefined) return `${pointerTo("", key)}${within}`;
  }
  return undefined;
}

/**
 * Refuses to begin a run in a process that cannot open what it uses.
 *
 * @throws {StigmerError} PERMISSION_DENIED, by name.
 */
export function requireSecrets(
  { store: { database }, host }: {
    readonly store: { readonly database: Database };
    readonly host: Pick<Host, "env">;
  },
  { plan, execution }: {
    readonly plan: Plan;
    readonly execution: {
      readonly id: ExecutionId;
      readonly startedAtMs?: number;
    };
  },
): void {
  if (plan.usedSecrets.length === 0) return;
  if (execution.startedAtMs !== undefined) return;
  const kept = new Set([
    ...sealedNames(database, execution.id),
    ...Object.keys(readReferences(database, execution.id)),
  ]);
  const missing = plan.usedSecrets.filter((name) =>
    !kept.has(name) && processSecret(host, name) === undefined
  );
  const [first] = missing;
  if (first === undefined) return;
  const names = missing.map((name) => `"${name}"`).join(", ");
  throw new StigmerError(
    "PERMISSION_DENIED",
    `Cannot begin: it uses secret ${names}, which nothing gives, and the ` +
      `process that runs it has no variable ${secretVariable(first)}`,
  );
}

function has(record: Readonly<Record<string, unknown>>, name: string): boolean {
  return Object.hasOwn(record, name);
}
