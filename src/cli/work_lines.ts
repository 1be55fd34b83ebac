/**
 * What a worker does, in lines for people: each run as it is begun, what it
 * waits for, and how it ends. A run that comes and goes, as one that waits a
 * second over and over, says nothing new each time, and gets no line for it.
 *
 * @module
 */

import type { WorkEvent } from "../backend/open.ts";
import { oneLine } from "./one_line.ts";
import type { Style } from "./style.ts";

/** Runs that are known at the most: the oldest is told of anew after that. */
const RUNS_MAX = 10_000;
/** What one run waited for, told of at the most. */
const WAITS_MAX = 20;

/** A run that was told of. */
interface Known {
  readonly waits: Set<string>;
  parked: number;
}

/** Makes what writes the line of an event, or none where that is no news. */
export function createWorkLines(
  style: Style,
): (event: WorkEvent) => string | undefined {
  const known = new Map<string, Known>();
  const knownAs = (id: string): Known => {
    const run = known.get(id) ?? { waits: new Set(), parked: 0 };
    const [oldest] = known.size < RUNS_MAX ? [] : known.keys();
    if (oldest !== undefined) known.delete(oldest);
    known.set(id, run);
    return run;
  };
  return ({ executionId: id = "", kind, detail }) => {
    const line = (more = ""): string => {
      const said = [oneLine(detail), more].filter((it) => it !== "").join(", ");
      return `${id} ${dressKind(kind, style)}${said === "" ? "" : `: ${said}`}`;
    };
    switch (kind) {
      case "taken": {
        const isNews = !known.has(id);
        knownAs(id);
        return isNews ? line() : undefined;
      }
      case "parked": {
        const run = knownAs(id);
        run.parked++;
        if (run.waits.has(detail) || run.waits.size >= WAITS_MAX) return;
        run.waits.add(detail);
        return line();
      }
      case "completed":
      case "failed":
      case "cancelled": {
        const { parked = 0, waits } = known.get(id) ?? {};
        known.delete(id);
        // Who counts the lines finds all of them.
        return line(
          parked > (waits?.size ?? 0) ? `parked ${parked} times` : "",
        );
      }
      case "scheduled":
      case "lost":
      case "trouble":
        return line();
    }
  };
}

function dressKind(kind: WorkEvent["kind"], style: Style): string {
  switch (kind) {
    case "completed":
      return style.green(kind);
    case "failed":
    case "trouble":
      return style.red(kind);
    case "cancelled":
    case "lost":
    case "parked":
      return style.yellow(kind);
    case "scheduled":
    case "taken":
      return kind;
  }
}
