/**
 * The secrets of a new execution: sealed before it is stored, and stored with
 * it.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import type { NewExecution } from "../model/execution.ts";
import { importUnseen } from "../model/unseen.ts";
import type { SecretReference } from "../model/secret_reference.ts";
import { secretForm } from "../model/secret_text.ts";
import { insertContext, type NewContext } from "../store/contexts.ts";
import type { ServiceDeps } from "./deps.ts";
import type { GivenSecrets } from "./variables.ts";

/** An execution whose secrets are not sealed yet. */
export interface DraftExecution {
  readonly execution: NewExecution;
  readonly secrets: GivenSecrets;
}

/** Times that an execution is made while what it is handed changes. */
const ATTEMPTS_MAX = 8;

/**
 * Seals what an execution is given for itself, and lets it be stored with all
 * of its secrets.
 *
 * @throws {StigmerError} DATA_LOSS when there is no key to be had.
 */
export async function sealedExecution(
  deps: ServiceDeps,
  draft: DraftExecution,
): Promise<NewExecution> {
  if (!hasPlain(draft)) return handedExecution(deps, draft);
  const { execution, secrets } = draft;
  const given = Object.entries(secrets).flatMap(([name, it]) =>
    it.kind === "plain" ? [[name, it.text] as const] : []
  );
  const { vaultOf } = await importUnseen<typeof import("./vault.ts")>(
    "./vault.ts",
    import.meta.url,
  );
  const vault = vaultOf(deps);
  const plain = await Promise.all(given.map(async ([name, text]) => [
    name,
    secretForm(text) === "sealed"
      ? await vault.openSealedText(text, { name })
      : text,
  ]));
  const drafts = await vault.sealFor(execution.id, Object.fromEntries(plain));
  const keep = keeping(deps, execution, contextOf(secrets));
  return {
    ...execution,
    keepSecrets() {
      keep();
      vault.storeSealed(deps.store.database, drafts);
    },
  };
}

/** Whether it is given secrets that have yet to be sealed. */
export function hasPlain({ secrets }: DraftExecution): boolean {
  return Object.values(secrets).some(({ kind }) => kind === "plain");
}

/** Lets an execution be stored with what others hand on to it. */
export function handedExecution(
  deps: ServiceDeps,
  draft: DraftExecution,
): NewExecution {
  const { execution, secrets } = draft;
  if (Object.keys(secrets).length === 0) return execution;
  if (hasPlain(draft)) {
    throw new StigmerError("INTERNAL", "A plain secret was not sealed");
  }
  const keepSecrets = keeping(deps, execution, contextOf(secrets));
  return { ...execution, keepSecrets };
}

/** Makes and stores an execution, again where what it is handed changed. */
export async function whileSecretsChange<T>(
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; attempt < ATTEMPTS_MAX; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StigmerError) || error.code !== "ABORTED") {
        throw error;
      }
    }
  }
  return await work();
}

function keeping(
  { store: { database }, host }: ServiceDeps,
  { id }: NewExecution,
  context: NewContext,
): () => void {
  return () => {
    const nowMs = host.clock.now();
    try {
      insertContext(database, id, { ...context, nowMs });
    } catch (cause) {
      if (!(cause instanceof StigmerError) || cause.code !== "ABORTED") {
        throw cause;
      }
      // With a cause it may pass: who cannot make it anew tries again later.
      const { message, hints } = cause;
      throw new StigmerError("ABORTED", message, { cause, hints });
    }
  };
}

function contextOf(secrets: GivenSecrets): NewContext {
  const copies = new Map<string, string[]>();
  const references: Record<string, SecretReference> = {};
  for (const [name, it] of Object.entries(secrets)) {
    if (it.kind === "sealed") {
      copies.set(it.ownerId, [...copies.get(it.ownerId) ?? [], name]);
    } else if (it.kind === "reference") references[name] = it.reference;
  }
  return { copies, references };
}
