/**
 * Secrets that stand in what a run is given to read: who types one into a
 * message does not mean it to be kept.
 *
 * An agent is given a sealed reference in its place, which is opened just
 * before the model is asked. What a workflow is given is data to compute with,
 * so that a secret there is refused.
 *
 * @module
 */

import { invalidArgument, StigmerError } from "../model/error.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
} from "../model/json.ts";
import { sealedReference } from "../model/sealed.ts";
import { SECRET_LENGTH_MIN, secretForm } from "../model/secret_text.ts";
import { importUnseen } from "../model/unseen.ts";
import { sealedOf, type SealedValue } from "../store/sealed_values.ts";
import { insertAccesses } from "../store/secret_accesses.ts";
import type { ServiceDeps } from "./deps.ts";
import type { DraftExecution } from "./execution_secrets.ts";
import { readReference } from "./secret_places.ts";

/** Shorter values are words that an input may have for other reasons. */
const REFUSED_LENGTH_MIN = 8;

/** A secret and its value. */
type Typed = readonly [name: string, text: string];

/** A secret, and the id of where it came from. */
interface Origin {
  readonly name: string;
  readonly origin: string;
}

/**
 * Takes the values of secrets out of the message and the input of a run.
 *
 * @param options.runsHere Whether this process opens the secrets of
 * environments anyway; who leaves a run to others may not have their key.
 * @throws {StigmerError} INVALID_ARGUMENT, by name, for a workflow.
 */
export async function withoutTypedSecrets(
  deps: ServiceDeps,
  draft: DraftExecution,
  options: { readonly runsHere: boolean },
): Promise<DraftExecution> {
  const { execution } = draft;
  const { sealMark, spec, input } = execution;
  const { message = "" } = spec;
  if (sealMark === undefined || !mayHoldSecret(draft)) return draft;
  const values = await valuesOf(deps, draft, options);
  if (execution.kind === "WorkflowExecution") {
    refuseTyped(draft, values);
    return draft;
  }
  const sealed = (value: Json): Json => seal(value, values, sealMark);
  return {
    ...draft,
    execution: {
      ...execution,
      input: sealed(input),
      spec: typeof message === "string"
        ? { ...spec, message: sealed(message) }
        : spec,
    },
  };
}

/** Whether there is a secret, and a message or an input that could hold it. */
export function mayHoldSecret({ execution, secrets }: DraftExecution): boolean {
  const { sealMark, spec: { message = "" }, input } = execution;
  if (sealMark === undefined || Object.keys(secrets).length === 0) return false;
  return message !== "" || !isEmpty(input);
}

/** Most runs are given nothing that could hold a secret. */
function isEmpty(input: Json): boolean {
  return isJsonObject(input) && Object.keys(input).length === 0;
}

/** What can be known here, the longest first: one may hold another. */
async function valuesOf(
  deps: ServiceDeps,
  draft: DraftExecution,
  { runsHere }: { readonly runsHere: boolean },
): Promise<readonly Typed[]> {
  const { execution, secrets } = draft;
  const entries = Object.entries(secrets);
  const given = entries.flatMap(([name, it]): Typed[] =>
    it.kind === "plain" && secretForm(it.text) === "plain"
      ? [[name, it.text]]
      : []
  );
  const rows = !runsHere
    ? []
    : entries.flatMap(([name, it]) =>
      it.kind === "sealed"
        ? sealedOf(deps.store.database, it.ownerId, [name])
        : []
    );
  const openable = [
    ...await opened(deps, execution.id, rows),
    ...runsHere ? await referred(deps, draft) : [],
  ];
  return [...given, ...openable]
    .filter(([, text]) => text.length >= SECRET_LENGTH_MIN)
    .sort(([, a], [, b]) => b.length - a.length);
}

/** Opens and notes them: who is told what an input holds has tried values. */
async function opened(
  deps: ServiceDeps,
  executionId: string,
  rows: readonly SealedValue[],
): Promise<readonly Typed[]> {
  if (rows.length === 0) return [];
  const { vaultOf } = await importUnseen<typeof import("./vault.ts")>(
    "./vault.ts",
    import.meta.url,
  );
  let texts: ReadonlyMap<string, string>;
  try {
    texts = await vaultOf(deps).openSealed(rows);
  } catch (error) {
    // The run says so itself, once it needs one.
    if (error instanceof StigmerError) return [];
    throw error;
  }
  const origins = rows.map(({ alias: name, originId: origin }) => {
    return { name, origin };
  });
  noteOpened(deps, executionId, origins);
  return [...texts];
}

/** Reads and notes those that are kept elsewhere on this machine. */
async function referred(
  deps: ServiceDeps,
  { execution, secrets }: DraftExecution,
): Promise<readonly Typed[]> {
  const found: Typed[] = [];
  const origins: Origin[] = [];
  for (const [name, it] of Object.entries(secrets)) {
    if (it.kind !== "reference") continue;
    const text = await readReference(deps.host, name, it.reference)
      .catch(unlessStigmer);
    if (text === undefined) continue;
    found.push([name, text]);
    origins.push({ name, origin: it.reference.origin });
  }
  noteOpened(deps, execution.id, origins);
  return found;
}

/** The run says itself what it cannot open, once it needs it. */
function unlessStigmer(error: unknown): undefined {
  if (!(error instanceof StigmerError)) throw error;
}

function noteOpened(
  { store, host, identity }: ServiceDeps,
  executionId: string,
  origins: readonly Origin[],
): void {
  const timeMs = host.clock.now();
  const about = { executionId, path: "", purpose: "mask" } as const;
  insertAccesses(
    store.database,
    origins.map((it) => ({ ...about, ...it, timeMs, identity })),
  );
}

function refuseTyped(
  { execution: { spec, input } }: DraftExecution,
  values: readonly Typed[],
): void {
  const long = values.filter(([, text]) => text.length >= REFUSED_LENGTH_MIN);
  const found = long.find((it) => holds(input, it));
  if (found === undefined) return;
  throw invalidArgument(
    `Cannot execute workflow "${
      spec["resourceName"]
    }": its input holds the value of secret ` +
      `"${found[0]}", and is kept as it is`,
    { hints: [`Leave it out, and use $secrets.${found[0]} in the workflow`] },
  );
}

function holds(value: Json, typed: Typed): boolean {
  if (typeof value === "string") return value.includes(typed[1]);
  if (typeof value === "number") return String(value).includes(typed[1]);
  if (isJsonArray(value)) return value.some((item) => holds(item, typed));
  return isJsonObject(value) &&
    Object.entries(value).some(([key, item]) =>
      key.includes(typed[1]) || holds(item, typed)
    );
}

function seal(value: Json, values: readonly Typed[], mark: string): Json {
  if (typeof value === "string") return sealText(value, values, mark);
  if (typeof value === "number") {
    const text = String(value);
    const sealed = sealText(text, values, mark);
    return sealed === text ? value : sealed;
  }
  if (isJsonArray(value)) return value.map((it) => seal(it, values, mark));
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]) =>
    [sealText(key, values, mark), seal(item, values, mark)] as const
  );
  const made: JsonObject = Object.fromEntries(entries);
  return made;
}

/** Splits at each value, so that none is looked for in a reference. */
function sealText(
  text: string,
  [first, ...rest]: readonly Typed[],
  mark: string,
): string {
  if (first === undefined) return text;
  const [name, value] = first;
  return text.split(value).map((part) => sealText(part, rest, mark))
    .join(sealedReference(mark, name));
}
