/**
 * What one execution may open: found by name, opened just in time, noted in
 * the audit before it is used, and hidden in all that comes of it.
 *
 * @module
 */

import type { Secrets } from "../model/durable.ts";
import { StigmerError } from "../model/error.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import type { Mask, OpeningTask, RunSecrets } from "../model/mask.ts";
import { insertAccesses, type SecretAccess } from "../store/secret_accesses.ts";
import { createMask } from "../vault/mask.ts";
import type { ServiceDeps } from "./deps.ts";
import { processSecret, secretValue, secretVariable } from "./secrets.ts";

/** A secret in plain text, and where it came from. */
interface Plain {
  readonly text: string;
  /** As the audit has it. */
  readonly origin: string;
}

/** Openings that are remembered, so that a loop does not flood the audit. */
const NOTED_MAX = 10_000;

/**
 * Makes what opens the secrets of an execution.
 *
 * @param named What its definition names: those may come from the process.
 */
export function createRunSecrets(
  deps: ServiceDeps,
  execution: Pick<ExecutionRecord, "id">,
  named: readonly string[],
): RunSecrets {
  const noted = new Set<string>();
  const names = [...new Set(named)];
  let masking: Promise<Mask> | undefined;
  const note = (
    plain: ReadonlyMap<string, Plain>,
    about: Pick<SecretAccess, "path" | "purpose">,
  ): void =>
    noteOpened(deps, { noted, executionId: execution.id, plain, about });
  const find = async (name: string): Promise<Plain | undefined> => {
    const text = processSecret(deps.host, name);
    return await Promise.resolve(
      text === undefined ? undefined : { text, origin: "process" },
    );
  };
  async function makeMask(): Promise<Mask> {
    const plain = await findAll(names, find);
    note(plain, { path: "", purpose: "mask" });
    return createMask(valuesOf(plain, secretValue));
  }
  function mask(): Promise<Mask> {
    return masking ??= makeMask().catch((error) => {
      masking = undefined;
      throw error;
    });
  }
  return {
    names,
    async open(wanted, { path, asText = false }: OpeningTask) {
      const plain = await findAll(wanted, find);
      for (const name of wanted) {
        if (!names.includes(name) || !plain.has(name)) throw missing(name);
      }
      note(plain, { path, purpose: "use" });
      // What was not there when the mask was made may be there now.
      const hidden = await mask();
      for (const { text } of plain.values()) hidden.add(text);
      return valuesOf(plain, asText ? (text) => text : secretValue);
    },
    mask,
  };
}

async function findAll(
  names: readonly string[],
  find: (name: string) => Promise<Plain | undefined>,
): Promise<ReadonlyMap<string, Plain>> {
  const found = new Map<string, Plain>();
  for (const name of names) {
    const plain = await find(name);
    if (plain !== undefined) found.set(name, plain);
  }
  return found;
}

function valuesOf(
  plain: ReadonlyMap<string, Plain>,
  valueOf: (text: string) => Secrets[string],
): Secrets {
  return Object.fromEntries(
    [...plain].map(([name, { text }]) => [name, valueOf(text)]),
  );
}

/** Notes what is about to be used, each for each task once. */
function noteOpened(
  { store, host, identity }: ServiceDeps,
  { noted, executionId, plain, about }: {
    readonly noted: Set<string>;
    readonly executionId: string;
    readonly plain: ReadonlyMap<string, Plain>;
    readonly about: Pick<SecretAccess, "path" | "purpose">;
  },
): void {
  const fresh: SecretAccess[] = [];
  for (const [name, { origin }] of plain) {
    const key = JSON.stringify([about.purpose, about.path, name]);
    if (noted.has(key)) continue;
    if (noted.size >= NOTED_MAX) noted.clear();
    noted.add(key);
    const timeMs = host.clock.now();
    fresh.push({ ...about, timeMs, identity, name, origin, executionId });
  }
  insertAccesses(store.database, fresh);
}

function missing(name: string): StigmerError {
  // The specification has it so: what cannot be opened is not allowed.
  return new StigmerError(
    "PERMISSION_DENIED",
    `Cannot open secret "${name}": the process that runs the execution has no ` +
      `variable ${secretVariable(name)}, set it and run again`,
  );
}
