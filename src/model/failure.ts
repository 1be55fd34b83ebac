/**
 * How a task fails: the error of the Open Workflow Specification, in the shape
 * of RFC 7807.
 *
 * @module
 */

import { isJsonObject, type Json, type JsonObject, member } from "./json.ts";

/** An error that a workflow can catch, and that an execution ends with. */
export interface Failure {
  /** A URI that names the sort of error. */
  readonly type: string;
  /** As an HTTP status code. */
  readonly status: number;
  /** The sort of error, in words. */
  readonly title: string;
  /** What was attempted, and the innermost cause. */
  readonly detail: string;
  /** JSON pointer of the task in the definition. */
  readonly instance: string;
}

/** The standard sorts of error. */
export type FailureKind =
  | "configuration"
  | "validation"
  | "expression"
  | "authentication"
  | "authorization"
  | "timeout"
  | "communication"
  | "runtime";

/** Where the standard types live, under the present name of the specification. */
const TYPE_BASE = "https://open-workflow-specification.org/spec/1.0.0/errors/";

/** Every base under which a standard type is known; all are matched. */
const TYPE_BASES: readonly string[] = [
  TYPE_BASE,
  "https://serverlessworkflow.io/spec/1.0.0/errors/",
  "https://serverlessworkflow.io/dsl/errors/types/",
  "https://open-workflow-specification.org/dsl/errors/types/",
];

const STANDARD: Readonly<
  Record<FailureKind, { readonly status: number; readonly title: string }>
> = {
  configuration: { status: 400, title: "Configuration error" },
  validation: { status: 400, title: "Validation error" },
  expression: { status: 400, title: "Expression error" },
  authentication: { status: 401, title: "Authentication error" },
  authorization: { status: 403, title: "Authorization error" },
  timeout: { status: 408, title: "Timeout error" },
  communication: { status: 500, title: "Communication error" },
  runtime: { status: 500, title: "Runtime error" },
};

/** Makes a failure of a standard sort. */
export function failureOf(
  kind: FailureKind,
  detail: string,
  options: { readonly instance?: string; readonly status?: number } = {},
): Failure {
  const standard = STANDARD[kind];
  return {
    type: TYPE_BASE + kind,
    status: options.status ?? standard.status,
    title: standard.title,
    detail,
    instance: options.instance ?? "",
  };
}

/** Whether a word is one of the standard sorts. */
export function isFailureKind(word: string): word is FailureKind {
  return Object.hasOwn(STANDARD, word);
}

/** Writes a type under one base, so that both URI families compare equal. */
export function canonicalFailureType(type: string): string {
  const kind = standardKind(type);
  return kind === undefined ? type : TYPE_BASE + kind;
}

/** Whether a type is one of the standard ones, which everyone knows. */
export function isStandardFailureType(type: string): boolean {
  return standardKind(type) !== undefined;
}

function standardKind(type: string): FailureKind | undefined {
  for (const base of TYPE_BASES) {
    const kind = type.startsWith(base) ? type.slice(base.length) : "";
    if (isFailureKind(kind)) return kind;
  }
  return undefined;
}

/** Reads a failure back from the JSON that {@linkcode failureToJson} made. */
export function failureFromJson(json: Json | undefined): Failure {
  const object = isJsonObject(json) ? json : {};
  const text = (key: string): string => {
    const value = member(object, key);
    return typeof value === "string" ? value : "";
  };
  const status = member(object, "status");
  return {
    type: text("type"),
    status: typeof status === "number" ? status : 500,
    title: text("title"),
    detail: text("detail"),
    instance: text("instance"),
  };
}

/** Writes a failure as JSON. */
export function failureToJson(failure: Failure): JsonObject {
  return { ...failure };
}
