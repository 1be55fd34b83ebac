/**
 * What one execution may open: found by name, opened just in time, noted in
 * the audit before it is used, and hidden in all that comes of it.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import type { Json } from "../model/json.ts";
import type { Mask, RunSecrets } from "../model/mask.ts";
import type { SecretReference } from "../model/secret_reference.ts";
import type { Secrets } from "../model/secrets.ts";
import { importUnseen } from "../model/unseen.ts";
import { readReferences } from "../store/contexts.ts";
import { sealedNames, sealedOf } from "../store/sealed_values.ts";
import { insertAccesses, type SecretAccess } from "../store/secret_accesses.ts";
import type { ServiceDeps } from "./deps.ts";
import { rememberMask } from "./redaction.ts";
import { placeInWords, readReference, refuseShort } from "./secret_places.ts";
import { processSecret, secretValue, secretVariable } from "./secrets.ts";

/** A secret in plain text, and where it came from. */
interface Plain {
  readonly text: string;
  /** Id of the environment or execution, or `process`. */
  readonly origin: string;
}

/** Secrets in plain text, by name. */
type Plains = ReadonlyMap<string, Plain>;

/** Openings that are remembered, so that a loop does not flood the audit. */
const NOTED_MAX = 10_000;
/** What the name of a value begins with that a parent made of secrets. */
export const HANDED_PREFIX = "^";

/** The execution whose secrets are opened. */
export type OpeningExecution =
  & Pick<ExecutionRecord, "id" | "sealMark">
  & Partial<Pick<ExecutionRecord, "spec">>;

/** What a run may open, and whether it can. */
export interface OpenableRun extends RunSecrets {
  /**
   * Opens secrets ahead, so that a run which cannot have them does nothing.
   *
   * @throws {StigmerError} PERMISSION_DENIED for the first that does not open.
   */
  readonly ready: (names: readonly string[]) => Promise<void>;
}

/**
 * Makes what opens the secrets of an execution. What was opened once is kept
 * as long as this is: it is hidden in all that the run shows.
 *
 * @param named What its definition names: those may come from the process.
 */
export function createRunSecrets(
  deps: ServiceDeps,
  execution: OpeningExecution,
  named: readonly string[],
): OpenableRun {
  const { id, sealMark: mark = "" } = execution;
  const allowShort = execution.spec?.["allowShortSecrets"] === true;
  const opened = new Map<string, Plain>();
  const noted = new Set<string>();
  const sealed = sealedNames(deps.store.database, id);
  const references = readReferences(deps.store.database, id);
  const names = [
    ...new Set([...sealed, ...Object.keys(references), ...named]),
  ];
  const place = { references, named, allowShort };
  let masking: Promise<Mask> | undefined;
  async function find(wanted: readonly string[]): Promise<void> {
    const fresh = wanted.filter((name) => !opened.has(name));
    const unsealed = await unseal(deps, id, fresh);
    for (const [name, plain] of unsealed) opened.set(name, plain);
  }
  async function makeMask(): Promise<Mask> {
    await find(names);
    for (const name of names) {
      if (opened.has(name)) continue;
      const plain = await elsewhere(deps, name, place)
        // What cannot be had is given to nobody, so that there is nothing of
        // it to hide; whoever asks for it is told.
        .catch(() => undefined);
      if (plain !== undefined) opened.set(name, plain);
    }
    const about = { executionId: id, path: "", purpose: "mask" } as const;
    noteOpened(deps, { noted, plains: opened, about });
    const { createMask } = await importUnseen<
      typeof import("../vault/mask.ts")
    >("../vault/mask.ts", import.meta.url);
    return rememberMask(createMask(valuesOf(opened, true), { mark }));
  }
  function mask(): Promise<Mask> {
    return masking ??= makeMask().catch((error) => {
      masking = undefined;
      throw error;
    });
  }
  async function openOne(name: string): Promise<Plain> {
    const known = opened.get(name);
    if (known !== undefined) return known;
    const plain = await elsewhere(deps, name, place);
    if (plain === undefined) throw missing(name, named);
    opened.set(name, plain);
    return plain;
  }
  return {
    names,
    async ready(wanted) {
      await mask();
      for (const name of wanted) await openOne(name);
    },
    async open(wanted, { path, asText = false, isForMask = false }) {
      await find(wanted);
      const plains = new Map<string, Plain>();
      for (const name of wanted) plains.set(name, await openOne(name));
      const purpose = isForMask ? "mask" : "use";
      const about = { executionId: id, path, purpose } as const;
      noteOpened(deps, { noted, plains, about });
      // What was not there when the mask was made may be there now.
      const hidden = await mask();
      hideTexts(hidden, plains);
      return valuesOf(plains, asText);
    },
    mask,
  };
}

/** Gives what opens the secrets of executions that run in this process. */
export interface RunSecretsSource {
  /** The same as long as the execution is not released. */
  readonly of: (
    execution: OpeningExecution,
    named?: readonly string[],
  ) => OpenableRun | undefined;
  /** Forgets what was opened for an execution. */
  readonly release: (executionId: string) => void;
}

/** Makes what gives executions their secrets; most have none. */
export function createRunSecretsSource(deps: ServiceDeps): RunSecretsSource {
  const known = new Map<string, OpenableRun>();
  return {
    of(execution, named = []) {
      if (execution.sealMark === undefined && named.length === 0) {
        return undefined;
      }
      const secrets = known.get(execution.id) ??
        createRunSecrets(deps, execution, named);
      if (secrets.names.length === 0) return undefined;
      known.set(execution.id, secrets);
      return secrets;
    },
    release: (executionId) => void known.delete(executionId),
  };
}

/** Opens those of the names that are sealed for an execution. */
async function unseal(
  deps: ServiceDeps,
  executionId: string,
  names: readonly string[],
): Promise<Plains> {
  const rows = sealedOf(deps.store.database, executionId, names);
  if (rows.length === 0) return new Map();
  const { vaultOf } = await importUnseen<typeof import("./vault.ts")>(
    "./vault.ts",
    import.meta.url,
  );
  const texts = await vaultOf(deps).openSealed(rows).catch((error) => {
    // What stands in the way of the database passes.
    throw isBusy(error) ? error : notAllowed(error);
  });
  return new Map(rows.flatMap(({ alias, originId: origin }) => {
    const text = texts.get(alias);
    return text === undefined ? [] : [[alias, { text, origin }] as const];
  }));
}

/** Reads what is not kept here. */
async function elsewhere(
  { host }: ServiceDeps,
  name: string,
  { references, named, allowShort }: {
    readonly references: Readonly<Record<string, SecretReference>>;
    readonly named: readonly string[];
    readonly allowShort: boolean;
  },
): Promise<Plain | undefined> {
  const reference = Object.hasOwn(references, name)
    ? references[name]
    : undefined;
  if (reference !== undefined) {
    const text = await readReference(host, name, reference)
      .catch((error) => {
        throw notAllowed(error);
      });
    if (!allowShort) refuseShort(name, text, placeInWords(reference));
    return { text, origin: reference.origin };
  }
  const text = named.includes(name) ? processSecret(host, name) : undefined;
  if (text === undefined) return undefined;
  const variable = { kind: "env", place: secretVariable(name) } as const;
  if (!allowShort) refuseShort(name, text, placeInWords(variable));
  return { text, origin: "process" };
}

/** The specification has it so: what cannot be opened is not allowed. */
function notAllowed(error: unknown): unknown {
  if (!(error instanceof StigmerError)) return error;
  // A failure has no hints: the way out is in its words.
  const [hint = ""] = error.hints;
  const wayOut = hint === ""
    ? ""
    : `; ${hint[0]?.toLowerCase()}${hint.slice(1)}`;
  return new StigmerError("PERMISSION_DENIED", `${error.message}${wayOut}`);
}

/** Whether another process holds the lock of the database. */
function isBusy(error: unknown): boolean {
  return error instanceof StigmerError && error.code === "UNAVAILABLE";
}

function valuesOf(plains: Plains, asText = false): Secrets {
  return Object.fromEntries(
    [...plains].map(([name, { text }]) => [name, valueOf(name, text, asText)]),
  );
}

/** Hides secrets as a whole, also those that are seen as objects. */
function hideTexts(mask: Mask, plains: Plains): void {
  for (const [name, { text }] of plains) {
    if (!name.startsWith(HANDED_PREFIX)) mask.add(text);
  }
}

/** What a parent made of secrets is any JSON; a secret is a text. */
function valueOf(name: string, text: string, asText: boolean): Json {
  if (name.startsWith(HANDED_PREFIX)) return JSON.parse(text);
  return asText ? text : secretValue(text);
}

/** A task without the numbers of its rounds: thousands of them are one task. */
function roundless(path: string): string {
  return path.replace(/\/(for|foreach)\/\d+(?=\/)/g, "/$1");
}

/** Notes what is about to be used, each for each task once. */
function noteOpened(
  { store, host, identity }: ServiceDeps,
  { noted, plains, about }: {
    readonly noted: Set<string>;
    readonly plains: Plains;
    readonly about: Pick<SecretAccess, "executionId" | "path" | "purpose">;
  },
): void {
  const fresh = new Map<string, SecretAccess>();
  for (const [name, { origin }] of plains) {
    const key = JSON.stringify([about.purpose, roundless(about.path), name]);
    if (noted.has(key)) continue;
    const timeMs = host.clock.now();
    const what = name.startsWith(HANDED_PREFIX)
      ? { name: name.slice(name.indexOf(" ") + 1), origin: "handed" }
      : { name, origin };
    fresh.set(key, { ...about, timeMs, identity, ...what });
  }
  insertAccesses(store.database, [...fresh.values()]);
  if (noted.size + fresh.size > NOTED_MAX) noted.clear();
  for (const key of fresh.keys()) noted.add(key);
}

function missing(name: string, named: readonly string[]): StigmerError {
  const why = named.includes(name)
    ? "nothing gives it, and the process that runs the execution has no " +
      `variable ${secretVariable(name)}, set it and run again`
    : "the execution was not given it, or has ended";
  // The specification has it so: what cannot be opened is not allowed.
  return new StigmerError(
    "PERMISSION_DENIED",
    `Cannot open secret "${name}": ${why}`,
  );
}
