/**
 * What reading one document found, kept so that one slip is told once.
 *
 * A mistyped `instrctions` is also a missing `instructions`, and a value of
 * the wrong type also breaks the rules for its content: the report knows which
 * places have been spoken for.
 *
 * @module
 */

import {
  type Diagnostic,
  pointerKeys,
  pointerTo,
} from "../model/diagnostic.ts";
import type { Problem } from "./_lines.ts";
import type { Span } from "./_node.ts";

/** The problems of one document so far. */
export interface Report {
  readonly problems: Problem[];
  /** Pointers of values that could not be read. */
  readonly broken: Set<string>;
  /** Pointers of fields that a mistyped name stands for. */
  readonly meant: Set<string>;
}

/** What is wrong with the value at a pointer. */
export interface Finding {
  readonly span: Span;
  readonly pointer: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Begins a report. */
export function newReport(problems: readonly Problem[] = []): Report {
  return { problems: [...problems], broken: new Set(), meant: new Set() };
}

/** Adds an error, after which nothing more is said of the value. */
export function addError(report: Report, finding: Finding): void {
  const { span: { start, end }, pointer, message, hint } = finding;
  report.problems.push({ severity: "error", start, end, message, hint });
  report.broken.add(pointer);
}

/** Adds a warning. */
export function addWarning(report: Report, finding: Finding): void {
  const { span: { start, end }, message, hint } = finding;
  report.problems.push({ severity: "warning", start, end, message, hint });
}

/** Says whether the cause of a diagnostic has been told already. */
export function isTold(report: Report, diagnostic: Diagnostic): boolean {
  const isMeant = (key: string): boolean => {
    const at = pointerTo(diagnostic.pointer, key);
    return report.broken.has(at) || report.meant.has(at);
  };
  if (diagnostic.lacks?.some(isMeant) === true) return true;
  let pointer = diagnostic.pointer;
  while (!report.broken.has(pointer) && !report.meant.has(pointer)) {
    if (pointer === "") return false;
    pointer = pointer.slice(0, pointer.lastIndexOf("/"));
  }
  return true;
}

/** Writes a pointer as people read it: `spec.mcpServers[0]`. */
export function labelOf(pointer: string): string {
  return pointerKeys(pointer).reduce(
    (label, key) =>
      /^\d+$/.test(key)
        ? `${label}[${key}]`
        : label === ""
        ? key
        : `${label}.${key}`,
    "",
  ) || "the manifest";
}
