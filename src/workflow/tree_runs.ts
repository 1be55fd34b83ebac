/**
 * The nodes of the tree that run something: a command, a script, a container,
 * another workflow.
 *
 * @module
 */

import type { Template } from "../expr/expression.ts";
import type { ExternalResource } from "./tree_calls.ts";
import type { Duration, TaskBase } from "./tree.ts";

/** What of a process is the output. */
export type ProcessResult = "stdout" | "stderr" | "code" | "all" | "none";

/** What everything has that runs as a process. */
export interface ProcessTask extends TaskBase {
  /** Positional arguments, or names with values. */
  readonly arguments?: Template;
  readonly stdin?: Template;
  readonly environment?: Template;
  readonly await: boolean;
  readonly return: ProcessResult;
}

/** Runs a command of the host's shell. */
export interface ShellTask extends ProcessTask {
  readonly kind: "shell";
  readonly command: Template;
}

/** Runs a script. */
export interface ScriptTask extends ProcessTask {
  readonly kind: "script";
  readonly language: "js" | "ts" | "python";
  readonly code:
    | { readonly kind: "inline"; readonly code: Template }
    | { readonly kind: "external"; readonly source: ExternalResource };
}

/** Runs a container. */
export interface ContainerTask extends ProcessTask {
  readonly kind: "container";
  readonly image: Template;
  readonly containerName?: Template;
  readonly command?: Template;
  /** Ports of the container by those of the host. */
  readonly ports?: Template;
  /** Folders of the container by those of the host. */
  readonly volumes?: Template;
  readonly pullPolicy: "ifNotPresent" | "always" | "never";
  readonly cleanup: "always" | "never" | "eventually";
  /** For `eventually`: how long it stays. */
  readonly cleanupAfter?: Duration;
}

/** Runs another workflow. */
export interface RunWorkflowTask extends TaskBase {
  readonly kind: "workflow";
  readonly namespace: string;
  readonly workflow: string;
  /** Of the document; `latest` for the newest. */
  readonly version: string;
  readonly workflowInput?: Template;
  readonly await: boolean;
}
