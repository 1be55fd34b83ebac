/**
 * What a built-in tool is: what the model is told, what may be asked of it,
 * and what it does.
 *
 * Tools for files run apart, where nothing but their folder can be reached
 * (`confined.ts`); the others run here.
 *
 * @module
 */

import type { Files, Host } from "../host/host.ts";
import type { ActivityContext } from "../model/durable.ts";
import type { JsonObject } from "../model/json.ts";
import type { RuleLayer, ToolEffect } from "../model/permission.ts";
import type {
  WorkspaceSettings,
  WorkspaceToolName,
} from "../model/workspace.ts";
import type { Parameters } from "./parameters.ts";

/** What every built-in tool says of itself. */
export interface ToolWords {
  readonly name: WorkspaceToolName;
  /** For the model. */
  readonly description: string;
  readonly parameters: Parameters;
  /** What it does to the world; permissions go by it. */
  readonly effect: ToolEffect;
  /** Whether the same call twice does no more than once. */
  readonly repeatable: boolean;
}

/** A tool for the files of a folder. */
export interface FileTool extends ToolWords {
  run(args: JsonObject, scene: FileScene): Promise<ToolText>;
}

/** A tool that runs in this process. */
export interface HereTool extends ToolWords {
  run(args: JsonObject, scene: HereScene): Promise<ToolText>;
}

/** What a tool returns, as the model is told. */
export interface ToolText {
  readonly text: string;
  readonly isError: boolean;
}

/** What tools for files reach. */
export interface FileScene {
  /** The folder: absolute, without links in it. */
  readonly root: string;
  readonly files: WorkspaceFiles;
  readonly os: Host["platform"]["os"];
  /** Milliseconds since some fixed moment. */
  readonly monotonic: () => number;
  /** Says whether rules let a file be read that no call names. */
  readonly mayRead: (path: string) => boolean;
  /** Real paths of what is Stigmer's own, and not there for tools. */
  readonly own: readonly string[];
  /** Whether someone ends the tool when it takes too long. */
  readonly isEnded: boolean;
}

/** What of the machine's files they use. */
export type WorkspaceFiles = Pick<
  Files,
  | "entries"
  | "makeDirectory"
  | "readReal"
  | "realPath"
  | "stat"
  | "writeReal"
>;

/** What the other tools reach. */
export interface HereScene {
  readonly host: Pick<
    Host,
    "clock" | "env" | "files" | "network" | "platform" | "processes"
  >;
  readonly settings: WorkspaceSettings;
  /** Who holds the agent to rules. */
  readonly layers: readonly RuleLayer[];
  /** The folder: absolute, without links in it. */
  readonly root: string;
  readonly context: Pick<ActivityContext, "signal" | "emit">;
}

/** Characters of a result at the most. */
export const RESULT_LENGTH_MAX = 60_000;

/** What a tool returns that did what it was asked. */
export function done(text: string): ToolText {
  return { text, isError: false };
}

/** What a tool returns that could not. */
export function refused(text: string): ToolText {
  return { text, isError: true };
}
