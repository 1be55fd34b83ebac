/**
 * Runs tools for files apart from the rest: started when they are first
 * needed, ended with their execution, and when a call takes too long.
 *
 * Searches have a peer of their own: a regular expression that takes forever
 * ends with it, and with no write beside it.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { messageOf } from "../model/error.ts";
import type { JsonObject } from "../model/json.ts";
import {
  type Peer,
  type PeerOptions,
  startProcess,
  startWorker,
} from "./confined_peer.ts";
import { type FileCall, fileCallToJson, runFileCall } from "./file_tools.ts";
import { refused, type ToolText } from "./tool.ts";

/** How long one call may take, the start of its peer included. */
const CALL_MS_MAX = 15_000;

/** Where a machine runs tools for files. */
export type Confinement = "process" | "worker" | "here";

/** Runs the tools for files of one folder. */
export interface FileRunner {
  /** Runs a call; rejects with the signal's reason when it is aborted. */
  run(
    call: Omit<FileCall, "root" | "os">,
    signal: AbortSignal,
  ): Promise<ToolText>;
  close(): Promise<void>;
}

/** What it takes to run them. */
export interface FileRunnerOptions extends PeerOptions {
  readonly host: Pick<Host, "clock" | "files" | "platform" | "processes">;
  /** Where they run; default what the machine lets. */
  readonly confinement?: Confinement;
  /** How long one call may take; for tests. */
  readonly callMsMax?: number;
}

/** Says where tools for files run on a machine. */
export function confinementOf({ platform, processes }: {
  readonly platform: Host["platform"];
  readonly processes: Host["processes"];
}): Confinement {
  if (platform.standalone) return "worker";
  return processes.find(platform.executable) === undefined ? "here" : "process";
}

/** Makes what runs the tools for files of a folder; nothing is started yet. */
export function openFileRunner(options: FileRunnerOptions): FileRunner {
  const confinement = options.confinement ?? confinementOf(options.host);
  if (confinement === "here") return runnerHere(options);
  const start = confinement === "worker" ? startWorker : startProcess;
  const lanes = {
    files: new Lane(start, options),
    search: new Lane(start, options),
  };
  return {
    run: (call, signal) =>
      (call.tool === "search" ? lanes.search : lanes.files).run(call, signal),
    async close() {
      await Promise.all([lanes.files.close(), lanes.search.close()]);
    },
  };
}

/** Runs them in this process, where nothing else can. */
function runnerHere({ host, root }: FileRunnerOptions): FileRunner {
  const { files, clock, platform } = host;
  return {
    run: (call, signal) => {
      signal.throwIfAborted();
      return runFileCall({ ...call, root, os: platform.os }, {
        files,
        monotonic: () => clock.monotonic(),
        isEnded: false,
      });
    },
    close: () => Promise.resolve(),
  };
}

type Settle = (result: ToolText) => void;

/** A peer with the calls that it has not answered. */
class Lane {
  readonly #start: typeof startProcess;
  readonly #options: FileRunnerOptions;
  #peer: Peer | undefined;
  #open = new Map<number, Settle>();
  #count = 0;

  constructor(start: typeof startProcess, options: FileRunnerOptions) {
    this.#start = start;
    this.#options = options;
  }

  async run(
    call: Omit<FileCall, "root" | "os">,
    signal: AbortSignal,
  ): Promise<ToolText> {
    signal.throwIfAborted();
    const { host, root, callMsMax = CALL_MS_MAX } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<ToolText>();
    const id = ++this.#count;
    let peer: Peer;
    try {
      peer = this.#peer ?? this.#begin();
    } catch (error) {
      return refused(`The tools for files cannot run: ${messageOf(error)}`);
    }
    this.#open.set(id, resolve);
    const stop = host.clock.timer(callMsMax, () => {
      const late = `It took more than ${callMsMax / 1000} s and was ended`;
      resolve(refused(late));
      void this.#end(`${late}, and this call with it: make it again`);
    });
    const abort = (): void => {
      reject(signal.reason);
      // One signal may end several.
      const isWaited = this.#open.delete(id);
      // A call that nobody waits for may be one that never ends.
      if (isWaited && this.#open.size === 0) void this.close();
    };
    signal.addEventListener("abort", abort, { once: true });
    try {
      peer.send(fileCallToJson(id, { ...call, root, os: host.platform.os }));
      return await promise;
    } finally {
      stop();
      signal.removeEventListener("abort", abort);
      this.#open.delete(id);
    }
  }

  close(): Promise<void> {
    return this.#end("The execution is over");
  }

  #begin(): Peer {
    const open = new Map<number, Settle>();
    const peer = this.#start(this.#options, {
      answered: (message) => open.get(Number(message["id"]))?.(textOf(message)),
      ended: (reason) => {
        if (this.#peer === peer) this.#peer = undefined;
        for (const settle of open.values()) {
          settle(refused(`The tools for files cannot run: ${reason}`));
        }
      },
    });
    this.#open = open;
    this.#peer = peer;
    return peer;
  }

  async #end(reason: string): Promise<void> {
    const peer = this.#peer;
    const open = this.#open;
    this.#peer = undefined;
    for (const settle of open.values()) settle(refused(reason));
    await peer?.close();
  }
}

function textOf(message: JsonObject): ToolText {
  return {
    text: String(message["text"]),
    isError: message["isError"] === true,
  };
}
