/**
 * Workflows that are functions of a program: what a process that has such a
 * program gives to the worker in it, and how their places are written.
 *
 * @module
 */

import { pointerTo } from "./diagnostic.ts";
import type { Machine } from "./durable.ts";
import type { RunSecrets } from "./mask.ts";

/** What a program is given to make the machine of one execution. */
export interface ServedMachineOptions {
  readonly executionId: string;
  /** The execution's merged variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** What it may open; absent where it has no secrets. */
  readonly secrets?: RunSecrets;
  /** The names of the tasks, as the pinned version has them. */
  readonly tasks: readonly string[];
  /** That many random bytes. */
  readonly randomBytes: (length: number) => Uint8Array<ArrayBuffer>;
}

/** A program that can run the executions of one workflow. */
export interface ServedProgram {
  /** A fresh machine, to be fed the journal from its first event. */
  readonly createMachine: (options: ServedMachineOptions) => Machine;
}

/** The programs of a process, by the slugs of their workflows. */
export type ServedPrograms = ReadonlyMap<string, ServedProgram>;

/** What takes programs in and runs executions of theirs. */
export interface ProgramHost {
  /**
   * Has executions of a workflow run by a program from now on.
   *
   * @param workflow Its slug.
   * @returns Ends that for executions that are not in memory.
   */
  add(workflow: string, program: ServedProgram): () => void;
  /**
   * Runs an execution here, at once, or when nobody else does any more.
   *
   * @param executionId Its id.
   */
  take(executionId: string): Promise<void>;
}

/** What a function asks for, as its path says it. */
const SERVED_KINDS = [
  "step",
  "sleep",
  "signal",
  "agent",
  "workflow",
  "random",
] as const;

/** One of `SERVED_KINDS`. */
export type ServedKind = typeof SERVED_KINDS[number];

/** What a path says. */
export interface ServedPlace {
  /** Which task it is of, from 0. */
  readonly task: number;
  readonly kind: ServedKind;
  readonly name: string;
  /** What is beneath it, as `/retry`; empty for itself. */
  readonly part: string;
}

/**
 * The path of what a function asked for beneath its task. The second of a name
 * has `#2` after it, so that a name has no `#` of its own there.
 */
export function servedPath(
  task: string,
  { kind, name, visit }: {
    readonly kind: ServedKind;
    readonly name: string;
    /** From 1. */
    readonly visit: number;
  },
): string {
  const path = pointerTo(`${task}/${kind}`, name).replaceAll("#", "~2");
  return visit === 1 ? path : `${path}#${visit}`;
}

const PATH_REGEXP =
  /^\/do\/(\d+)\/[^/]+\/(step|sleep|signal|agent|workflow|random)\/([^/]+)(\/.*)?$/;

/** Reads the path of what a function asked for. */
export function parseServedPath(path: string): ServedPlace | undefined {
  const [, task = "", kind, name = "", part = ""] = PATH_REGEXP.exec(path) ??
    [];
  const known = SERVED_KINDS.find((it) => it === kind);
  if (known === undefined) return undefined;
  const plain = name.replace(/#\d+$/, "").replaceAll("~1", "/")
    .replaceAll("~2", "#").replaceAll("~0", "~");
  return { task: Number(task), kind: known, name: plain, part };
}
