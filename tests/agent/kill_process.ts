/**
 * A process that finishes what another one left, then begins executions, and
 * kills itself at a commit of their journals.
 *
 *     deno run -A tests/agent/kill_process.ts ORDER
 *
 * The order is JSON, see {@linkcode Order}. It is killed by SIGKILL, so that
 * nothing of it is tidied up; without a kill it ends with 0 once all have
 * ended.
 *
 * @module
 */

import "../standard_driver.ts";
import { ExecutionEvent_Type as EventType } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { openLocalBackend } from "../../src/backend/local.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { systemHost } from "../../src/host/system.ts";
import { standardDriver } from "../../src/store/drivers.ts";
import {
  type CommitKill,
  deathAt,
  die,
  mortalDriver,
} from "../mortal_driver.ts";

/** What a process is to do. */
export interface Order {
  readonly home: string;
  /** What it begins, after what it finds. */
  readonly begin: readonly {
    readonly agent: string;
    readonly message: string;
    /** Whether it goes on with the conversation of the one before. */
    readonly follows?: boolean;
  }[];
  /** When it is killed; absent for never. */
  readonly kill?: Kill;
}

/** A moment at which a process is killed. */
export type Kill =
  | CommitKill
  /** At the first piece of text of an answer. */
  | { readonly when: "streaming" };

if (import.meta.main) await obey(JSON.parse(Deno.args[0] ?? ""));

async function obey({ home, begin, kill }: Order): Promise<void> {
  const mortal = mortalDriver(standardDriver());
  const killAt = (at: CommitKill): void => mortal.watch(deathAt(at));
  await using backend = openLocalBackend({
    host: systemHost(),
    driver: mortal.driver,
    databasePath: `${home}/stigmer.db`,
    execute: "own",
  });
  const signal = new AbortController().signal;
  const isAtCommit = kill !== undefined && kill.when !== "streaming";
  // Who begins nothing is killed amid what others left.
  if (isAtCommit && begin.length === 0) killAt(kill);
  await backend.work({ untilIdle: true, signal });
  if (begin.length === 0) return;
  if (isAtCommit) killAt(kill);
  const ends = new Map<string, PromiseWithResolvers<void>>();
  const endOf = (id: string): PromiseWithResolvers<void> => {
    const end = ends.get(id) ?? Promise.withResolvers<void>();
    ends.set(id, end);
    return end;
  };
  backend.onWork(({ kind, executionId = "" }) => {
    // What another process took from this one is over here, too.
    const ends = ["completed", "failed", "cancelled", "lost"];
    if (ends.includes(kind)) endOf(executionId).resolve();
  });
  const begun: string[] = [];
  let session = "";
  for (const { agent, message, follows = false } of begin) {
    const { execution } = await backend.client.createExecution({
      kind: "Agent",
      name: agent,
      message,
      session: follows ? session : "",
      workingDirectory: home,
    });
    const id = execution?.metadata?.id ?? "";
    session = execution?.spec?.sessionId ?? "";
    begun.push(id);
    if (kill?.when === "streaming") void dieAtText(backend.client, id);
  }
  for (const id of begun) await endOf(id).promise;
}

async function dieAtText(client: BackendClient, id: string): Promise<void> {
  for await (
    const { event } of client.watchExecution({ id, includeDeltas: true })
  ) {
    if (event?.type === EventType.TEXT_DELTA) die();
  }
}
