/**
 * The steps of the conformance kit, each done to a run through the whole
 * backend. A step that is not known fails its scenario.
 *
 * @module
 */

import assert from "node:assert/strict";
import { parse } from "yaml";
import {
  type Execution,
  Phase,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  member,
} from "../../src/model/json.ts";
import {
  failureOfExecution,
  outputOf,
  runWorkflow,
} from "../language/run_example.ts";
import type { Answer } from "../servers/world.ts";
import type { Scenario, Step } from "./gherkin.ts";

/** What a scenario has so far. */
interface Stage {
  readonly hosts: Readonly<Record<string, Answer>>;
  definition: string | undefined;
  input: Json | undefined;
  execution: Execution | undefined;
}

type Words = readonly (string | undefined)[];
type Perform = (stage: Stage, step: Step, words: Words) => Promise<void> | void;

/** What is to be done, by the words of the step. */
const STEPS: readonly (readonly [RegExp, Perform])[] = [
  [/^a workflow with definition:$/, (stage, step) => {
    stage.definition = documentOf(step);
  }],
  [/^(?:given )?the workflow input is:$/, (stage, step) => {
    stage.input = parse(documentOf(step));
  }],
  [/^the workflow is executed$/, execute],
  [/^the workflow should complete$/, (stage) => {
    completed(stage);
  }],
  [/^the workflow should complete with output:$/, (stage, step) => {
    assert.deepEqual(completed(stage), parse(documentOf(step)));
  }],
  [/^the workflow should fault$/, (stage) => {
    faulted(stage);
  }],
  [/^the workflow should fault with error:$/, (stage, step) => {
    const error = faulted(stage);
    const wanted = parse(documentOf(step));
    const given = Object.keys(wanted).map((key) => [key, member(error, key)]);
    assert.deepEqual(Object.fromEntries(given), wanted);
  }],
  [
    /^the workflow output should have properties (.+)$/,
    (stage, _, [, list]) => {
      for (const [, path = ""] of (list ?? "").matchAll(/'([^']*)'/g)) {
        valueAt(completed(stage), path);
      }
    },
  ],
  [/^the workflow output should have an? '(.+)' property with value:$/, (
    stage,
    step,
    [, path = ""],
  ) => {
    const wanted = parse(documentOf(step));
    assert.deepEqual(valueAt(completed(stage), path), wanted);
  }],
  [
    /^the workflow output should have an? '(.+)' property containing (\d+) items?$/,
    (stage, _, [, path = "", count]) => {
      const value = valueAt(completed(stage), path);
      assert.ok(isJsonArray(value), `"${path}" is a list`);
      assert.equal(value.length, Number(count));
    },
  ],
  [/^(\S+) should run first$/, (stage, _, [, name]) => {
    assert.equal(tasksOf(stage).at(0), name);
  }],
  [/^(\S+) should run last$/, (stage, _, [, name]) => {
    assert.equal(tasksOf(stage).at(-1), name);
  }],
  [/^(\S+) should run after (\S+)$/, (stage, _, [, name = "", other = ""]) => {
    const tasks = tasksOf(stage);
    assert.ok(tasks.includes(other), `"${other}" ran`);
    assert.equal(tasks[tasks.indexOf(other) + 1], name);
  }],
];

/** Does all steps of a scenario in a world of some hosts. */
export async function performScenario(
  scenario: Scenario,
  hosts: Readonly<Record<string, Answer>>,
): Promise<void> {
  const stage: Stage = {
    hosts,
    definition: undefined,
    input: undefined,
    execution: undefined,
  };
  for (const step of scenario.steps) {
    const [found] = STEPS.flatMap(([pattern, perform]) => {
      const words = pattern.exec(step.text);
      return words === null ? [] : [{ perform, words }];
    });
    assert.ok(found, `line ${step.line}: unknown step "${step.text}"`);
    await found.perform(stage, step, found.words);
  }
}

async function execute(stage: Stage): Promise<void> {
  assert.ok(stage.definition !== undefined, "there is a definition");
  stage.execution = await runWorkflow(stage.definition, {
    input: stage.input,
    hosts: stage.hosts,
  });
}

function documentOf(step: Step): string {
  assert.ok(step.document !== undefined, `line ${step.line} has a text`);
  return step.document;
}

/** The output of the execution, which completed. */
function completed({ execution }: Stage): Json {
  assert.ok(execution !== undefined, "the workflow was executed");
  assert.equal(
    execution.status?.phase,
    Phase.COMPLETED,
    JSON.stringify(failureOfExecution(execution)),
  );
  return outputOf(execution);
}

/** The error of the execution, which failed. */
function faulted({ execution }: Stage): ReturnType<typeof failureOfExecution> {
  assert.ok(execution !== undefined, "the workflow was executed");
  assert.equal(execution.status?.phase, Phase.FAILED);
  return failureOfExecution(execution);
}

/** The names of the tasks in the order in which they ran. */
function tasksOf(stage: Stage): readonly string[] {
  completed(stage);
  return stage.execution?.status?.tasks.map((it) => it.name) ?? [];
}

/** What is at a path of names with dots between them. */
function valueAt(value: Json, path: string): Json {
  let at: Json | undefined = value;
  for (const key of path.split(".")) {
    at = isJsonObject(at) ? member(at, key) : undefined;
    assert.ok(at !== undefined, `the output has "${path}"`);
  }
  return at;
}
