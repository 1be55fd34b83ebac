/**
 * The built-in tools, as an agent has them: what the model is told of each,
 * the one form of a call, and what carries it out.
 *
 * @module
 */

import type { Host, Platform } from "../host/host.ts";
import type { ActivityContext } from "../model/durable.ts";
import { messageOf } from "../model/error.ts";
import type { JsonObject } from "../model/json.ts";
import type { RuleLayer } from "../model/permission.ts";
import type { WorkspaceSettings } from "../model/workspace.ts";
import {
  type FileRunner,
  type FileRunnerOptions,
  openFileRunner,
} from "./confined.ts";
import { FETCH } from "./fetch.ts";
import { FILE_TOOLS } from "./file_tools.ts";
import { type OwnFiles, ownPaths } from "./own_files.ts";
import { type ArgumentsReading, readParameters, wrong } from "./parameters.ts";
import { pathWithin } from "./place.ts";
import { SEARCH } from "./search.ts";
import { SHELL } from "./shell.ts";
import { TASK_LIST } from "./todo.ts";
import {
  type HereTool,
  refused,
  type ToolText,
  type ToolWords,
} from "./tool.ts";
import { createTurns } from "./turns.ts";

const NOTHING_OWN: OwnFiles = { folder: ".", names: [] };
const HERE_TOOLS: readonly HereTool[] = [SHELL, FETCH, TASK_LIST];

/** Finds a built-in tool by its name. */
export function workspaceTool(name: string): ToolWords | undefined {
  return [...FILE_TOOLS, ...HERE_TOOLS].find((it) => it.name === name);
}

/** Gives the one form of a call's arguments: it is judged, and carried out. */
export function canonicalArguments(
  name: string,
  given: JsonObject,
  os: Platform["os"],
): ArgumentsReading {
  const tool = workspaceTool(name);
  return tool === undefined
    ? wrong(`There is no tool "${name}"`)
    : readParameters(tool.parameters, given, os);
}

/** A call of a built-in tool. */
export interface WorkspaceCall {
  readonly tool: string;
  readonly arguments: JsonObject;
  /** Who holds the agent to rules, for what is not said in the arguments. */
  readonly layers?: readonly RuleLayer[];
  /** Opens what the arguments refer to, in the call's turn; default nothing. */
  readonly open?: (args: JsonObject) => Promise<ArgumentsReading>;
}

type CallContext = Pick<ActivityContext, "signal" | "emit">;

/** The workspace of one execution. */
export interface Workspace {
  /**
   * Runs a call, after those for files that were made before it; rejects with
   * the signal's reason when it is aborted.
   */
  call(call: WorkspaceCall, context: CallContext): Promise<ToolText>;
  /** Ends what was started for its files. */
  close(): Promise<void>;
}

/** What a workspace needs. */
export interface WorkspaceOptions
  extends Pick<FileRunnerOptions, "confinement" | "callMsMax"> {
  readonly host: Pick<
    Host,
    "clock" | "env" | "files" | "network" | "platform" | "processes"
  >;
  readonly settings: WorkspaceSettings;
  /** What is Stigmer's own, and not there for tools; default nothing. */
  readonly ownFiles?: OwnFiles | undefined;
  /** The folder of the run; absolute. */
  readonly workingDirectory: string;
}

/** Opens a workspace; nothing is started before it is needed. */
export function openWorkspace(options: WorkspaceOptions): Workspace {
  const { host, settings } = options;
  let root: string | undefined;
  let runner: FileRunner | undefined;
  let isClosed = false;
  const turns = createTurns();
  async function carriedOut(
    asked: WorkspaceCall,
    context: CallContext,
  ): Promise<ToolText> {
    const reading = await argumentsOf(asked, host.platform.os);
    if (reading.kind === "wrong") return refused(reading.problem);
    const { arguments: args } = reading;
    const { tool, layers = [] } = asked;
    const here = HERE_TOOLS.find(({ name }) => name === tool);
    const folder = await rootOf(options);
    if (folder.kind === "wrong") return refused(folder.problem);
    const { path } = folder;
    root ??= path;
    if (path !== root) return refused("The folder is another one by now");
    if (here !== undefined) {
      return await here.run(args, {
        host,
        settings,
        layers,
        root: path,
        context,
      });
    }
    const { ownFiles = NOTHING_OWN } = options;
    const own = await ownPaths(ownFiles, host);
    if (isClosed) return refused("The execution is over");
    runner ??= openFileRunner({ ...options, root: path });
    const call = { tool, arguments: args, layers, own };
    return await runner.run(call, context.signal);
  }
  return {
    async call(call, context) {
      const { tool } = call;
      const work = (): Promise<ToolText> => carriedOut(call, context);
      if (!usesFiles(tool)) return await work();
      const { signal } = context;
      return await turns.take(work, { holds: isQuick(tool), signal });
    },
    async close() {
      isClosed = true;
      const closing = runner?.close();
      runner = undefined;
      await closing;
    },
  };
}

async function argumentsOf(
  { tool, arguments: given, open }: WorkspaceCall,
  os: Platform["os"],
): Promise<ArgumentsReading> {
  if (open === undefined) return canonicalArguments(tool, given, os);
  const opened = await open(given);
  return opened.kind === "wrong"
    ? opened
    : canonicalArguments(tool, opened.arguments, os);
}

function usesFiles(tool: string): boolean {
  return tool === SHELL.name || FILE_TOOLS.some(({ name }) => name === tool);
}

/** A search and a program may take long: nobody waits for them. */
function isQuick(tool: string): boolean {
  return tool !== SHELL.name && tool !== SEARCH.name;
}

type Root =
  | { readonly kind: "root"; readonly path: string }
  | { readonly kind: "wrong"; readonly problem: string };

/** Finds the folder: that of the run, or one in it, without links. */
async function rootOf(
  { host, settings, workingDirectory }: WorkspaceOptions,
): Promise<Root> {
  const { folder } = settings;
  try {
    const { os } = host.platform;
    const whole = await host.files.realPath(workingDirectory);
    if (folder === "") return { kind: "root", path: whole };
    const path = await host.files.realPath(
      `${workingDirectory.replace(/[\\/]+$/, "")}/${folder}`,
    );
    const isOfRun = path === whole ||
      pathWithin(path, { root: whole, os }) !== undefined;
    return isOfRun ? { kind: "root", path } : wrong(
      `"${folder}" is a link that leads out of the folder of the run`,
    );
  } catch (error) {
    const shown = folder || ".";
    return wrong(`There is no folder "${shown}": ${messageOf(error)}`);
  }
}
