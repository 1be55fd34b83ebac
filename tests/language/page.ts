/**
 * The examples of a page of documentation, as its fences tell them.
 *
 * A fence says after its language what it is:
 *
 * | fence                | is                                                   |
 * | -------------------- | ---------------------------------------------------- |
 * | `yaml run`           | a workflow that is run                               |
 * | `yaml check`         | a workflow without a fault, which is not run         |
 * | `yaml error`         | a workflow with faults                               |
 * | before it            |                                                      |
 * | `json input`         | its input                                            |
 * | `json secrets`       | its secrets by name                                  |
 * | `yaml definitions`   | agents and workflows that come along                 |
 * | `… file ADDRESS`     | what is at an address, or at a path of its folder    |
 * | after it             |                                                      |
 * | `yaml events`        | events that are published once it waits              |
 * | `json answer`        | an answer that is given once it waits; may be several |
 * | `json output`        | what it gives                                        |
 * | `json failure`       | what it fails with                                   |
 * | `text`               | what is said of the faults                           |
 *
 * A workflow that begins with a dash is a list of tasks; the head of the
 * document is put before it. `…` in an output, a failure or a text stands for
 * anything. Other languages are not looked at.
 *
 * @module
 */

import type { Json } from "../../src/model/json.ts";

/** One example with all that belongs to it. */
export interface Example {
  /** The heading above it and its line: `Set, line 12`. */
  readonly name: string;
  readonly line: number;
  readonly kind: "run" | "check" | "error";
  readonly text: string;
  input: Json | undefined;
  secrets: Readonly<Record<string, Json>>;
  definitions: string | undefined;
  /** By address, or by path. */
  readonly files: Record<string, string>;
  events: string | undefined;
  readonly answers: Json[];
  output: Json | undefined;
  failure: Json | undefined;
  message: string | undefined;
}

/** One fence as it stands. */
interface Fence {
  readonly line: number;
  readonly heading: string;
  readonly language: string;
  readonly role: string;
  /** What follows the role. */
  readonly rest: string;
  readonly text: string;
}

const FENCE_REGEXP = /^```(\S*)([^\n]*)\n([\s\S]*?)^```$/gm;
const LANGUAGES: readonly string[] = ["yaml", "json", "text"];
const BEFORE: readonly string[] = ["input", "secrets", "definitions", "file"];
const AFTER: readonly string[] = ["events", "answer", "output", "failure", ""];
/** What stands before a list of tasks to make a workflow of it. */
export const HEAD =
  "document: { dsl: 1.0.3, namespace: example, name: example, version: 1.0.0 }\ndo:\n";

/**
 * Reads the examples of a page.
 *
 * @throws {Error} When a fence belongs to nothing, with its line.
 */
export function examplesOf(page: string): readonly Example[] {
  const examples: Example[] = [];
  let before: Fence[] = [];
  for (const fence of fencesOf(page)) {
    const { role } = fence;
    const current = examples.at(-1);
    if (role === "run" || role === "check" || role === "error") {
      examples.push(newExample(fence, { kind: role, before }));
      before = [];
    } else if (BEFORE.includes(role)) {
      before.push(fence);
    } else if (
      AFTER.includes(role) && current !== undefined && before.length === 0
    ) {
      addAfter(current, fence);
    } else {
      throw new Error(
        `Line ${fence.line}: "${fence.language} ${role}" belongs to no example`,
      );
    }
  }
  if (before.length > 0) {
    throw new Error(`Line ${before[0]?.line}: what this is for is missing`);
  }
  return examples;
}

function fencesOf(page: string): readonly Fence[] {
  const found: Fence[] = [];
  for (const match of page.matchAll(FENCE_REGEXP)) {
    const [, language = "", info = "", text = ""] = match;
    const words = info.trim().split(/\s+/).filter((it) =>
      it !== "" && it !== "ignore"
    );
    const [role = "", ...rest] = words;
    if (!LANGUAGES.includes(language) && role !== "file") continue;
    const above = page.slice(0, match.index);
    found.push({
      line: above.split("\n").length,
      heading: [...above.matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? "",
      language,
      role,
      rest: rest.join(" "),
      text,
    });
  }
  return found;
}

function newExample(
  fence: Fence,
  options: {
    readonly kind: Example["kind"];
    readonly before: readonly Fence[];
  },
): Example {
  const { line, heading, text } = fence;
  const example: Example = {
    name: `${heading}, line ${line}`,
    line,
    kind: options.kind,
    text: text.startsWith("- ") ? HEAD + text : text,
    input: undefined,
    secrets: {},
    definitions: undefined,
    files: {},
    events: undefined,
    answers: [],
    output: undefined,
    failure: undefined,
    message: undefined,
  };
  for (const it of options.before) addBefore(example, it);
  return example;
}

function addBefore(example: Example, fence: Fence): void {
  const { role, rest, text } = fence;
  if (role === "input") example.input = parseJson(fence);
  if (role === "secrets") example.secrets = JSON.parse(text);
  if (role === "definitions") {
    const { definitions } = example;
    example.definitions = definitions === undefined
      ? text
      : `${definitions}---\n${text}`;
  }
  if (role === "file") example.files[rest] = text;
}

function addAfter(example: Example, fence: Fence): void {
  const { role, text, language } = fence;
  if (role === "events") example.events = text;
  if (role === "answer") example.answers.push(parseJson(fence));
  if (role === "output") example.output = parseJson(fence);
  if (role === "failure") example.failure = parseJson(fence);
  if (role !== "") return;
  if (language !== "text" || example.kind !== "error") {
    throw new Error(`Line ${fence.line}: what is this "${language}"?`);
  }
  example.message = text;
}

function parseJson({ line, text }: Fence): Json {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`Line ${line}: this is no JSON`, { cause: error });
  }
}

/** A workflow of tasks, which are JSON. */
export function workflowOf(tasks: Json): string {
  return `${HEAD}  ${JSON.stringify(tasks)}\n`;
}

/** Says whether a value is what a page shows; `…` stands for anything. */
export function isAsShown(value: unknown, shown: unknown): boolean {
  if (typeof shown === "string" && shown.includes("…")) {
    return shown === "…" ||
      (typeof value === "string" && patternOf(shown).test(value));
  }
  if (Array.isArray(shown)) {
    return Array.isArray(value) && value.length === shown.length &&
      shown.every((it, i) => isAsShown(value[i], it));
  }
  if (typeof shown === "object" && shown !== null) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return false;
    }
    const given = new Map<string, unknown>(Object.entries(value));
    const wanted = Object.entries(shown);
    return wanted.length === given.size &&
      wanted.every(([key, it]) =>
        given.has(key) && isAsShown(given.get(key), it)
      );
  }
  return value === shown;
}

/** A text with `…` as a pattern. */
export function patternOf(shown: string): RegExp {
  const parts = shown.split("…").map((it) => RegExp.escape(it));
  return new RegExp(`^${parts.join("[^]*")}$`);
}
