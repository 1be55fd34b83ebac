/**
 * The places of questions: named by the tasks that ask, and not by when they
 * do, so that a run that does several things at once has the same ones each
 * time.
 *
 * `/turn/2` is the second turn of the agent that was executed;
 * `/do/1/review/turn/1` the first turn of the agent that a workflow's task
 * asked. Where something happens again at the same place, `#2` follows it.
 *
 * @module
 */

import type { LineageStep } from "./cassette.ts";

/** Names the places of a run. */
export class Places {
  readonly #executions = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  /** Names the place of a task, without saying which time it is. */
  of(lineage: readonly LineageStep[], path: string): string {
    let place = "";
    for (const step of lineage) {
      place = this.#execution(step.executionId, place + step.path);
    }
    return place + path;
  }

  #execution(executionId: string, place: string): string {
    const known = this.#executions.get(executionId);
    if (known !== undefined) return known;
    const count = (this.#counts.get(place) ?? 0) + 1;
    this.#counts.set(place, count);
    const numbered = placeAgain(place, count);
    this.#executions.set(executionId, numbered);
    return numbered;
  }
}

/** Names the place of what happens there for the `count`th time. */
export function placeAgain(place: string, count: number): string {
  return count === 1 ? place : `${place}#${count}`;
}

/** Compares two places by their parts, numbers by their value. */
export function comparePlaces(a: string, b: string): number {
  const [left, right] = [a.split("/"), b.split("/")];
  for (const [i, part] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    const order = compareParts(part, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareParts(a: string, b: string): number {
  const [left, right] = [tokensOf(a), tokensOf(b)];
  for (const [i, token] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    const difference = Number(token) - Number(other);
    if (difference) return difference;
    if (token !== other) return token < other ? -1 : 1;
  }
  return left.length - right.length;
}

/** Runs of digits, and what is between them. */
function tokensOf(part: string): readonly string[] {
  return part.match(/\d+|\D+/g) ?? [];
}
