/**
 * Gives command lines to both twins and holds their answers against each other.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Ran } from "../cli/program.ts";
import { levelled, runOn, type Step, type Twins } from "./twins.ts";

/** Steps one after the other; those of an inner list only read, all at once. */
export type Course = readonly (Step | readonly Step[])[];

/** Command lines at once; more would only wait for each other. */
const AT_ONCE_MAX = 3;

/** A step of plain words. */
export function step(line: string, more: Omit<Step, "words"> = {}): Step {
  return { words: line.split(" "), ...more };
}

/** A question in each form in which it is answered. */
export function forms(
  line: string,
  formats: readonly string[] = ["json"],
  more: Omit<Step, "words"> = {},
): readonly Step[] {
  return [
    step(line, more),
    ...formats.map((it) => step(`${line} -o ${it}`, more)),
  ];
}

/** Every step of a course. */
export function stepsOf(course: Course): readonly Step[] {
  return course.flatMap((it) => "words" in it ? [it] : it);
}

/** Runs a course on both and asserts that they answer the same throughout. */
export async function compare(twins: Twins, course: Course): Promise<void> {
  const faults: string[] = [];
  for (const act of course) {
    const steps = "words" in act ? [act] : act;
    for (let at = 0; at < steps.length; at += AT_ONCE_MAX) {
      await Promise.all(
        steps.slice(at, at + AT_ONCE_MAX).map((it) =>
          compareStep(twins, it).catch((error) => faults.push(error.message))
        ),
      );
    }
  }
  assert.ok(faults.length === 0, faults.join("\n\n"));
}

async function compareStep(twins: Twins, it: Step): Promise<void> {
  const { local, cloud } = twins;
  const [here, there] = await Promise.all([runOn(local, it), runOn(cloud, it)]);
  const line = `stigmer ${it.words.join(" ")}`;
  const { code = 0, says = /./ } = it;
  assert.equal(
    here.code,
    code,
    `${line}: ${here.code}, not ${code}\n${told(here)}`,
  );
  const [expected, given] = [
    told(levelled(local, here, it.level)),
    told(levelled(cloud, there, it.level)),
  ];
  assert.equal(given, expected, `${line}\n${linesThatDiffer(expected, given)}`);
  assert.match(told(here), says, `${line}\n${told(here)}`);
}

function told({ code, stdout, stderr }: Ran): string {
  return `${stdout}\n--- stderr\n${stderr}\n--- code ${code}`;
}

/** The lines of one text that are not in the other, both ways. */
function linesThatDiffer(here: string, there: string): string {
  const [mine, theirs] = [here.split("\n"), there.split("\n")];
  const missing = mine.filter((it) => !theirs.includes(it));
  const added = theirs.filter((it) => !mine.includes(it));
  return [
    ...missing.map((it) => `  local: ${it}`),
    ...added.map((it) => `  cloud: ${it}`),
    ...(missing.length + added.length === 0 ? ["  in another order"] : []),
  ].join("\n");
}
