/**
 * How long the program takes from start to end, against an empty script: as it
 * is shipped, bundled, and from source. Other programs that do the least they
 * can are measured in the same rounds.
 *
 * @module
 */

import { openBackend } from "../../src/backend/open.ts";
import { systemHost } from "../../src/host/system.ts";
import { outputOf, runProgram } from "../command.ts";
import { programOf } from "../program.ts";
import { ENGINE_FLAGS } from "../targets.ts";
import { median, milliseconds, PROGRAM, withHome } from "./measure.ts";
import { findPeers, type Peer, QUIET } from "./peers.ts";
import type { Row } from "./row.ts";

const ROUNDS = 21;
const AGENTS = 1000;
/** One step that needs neither jq nor anything outside. */
const WORKFLOW = `
document: { dsl: "1.0.0", namespace: default, name: one, version: "0.1.0" }
do:
  - answer:
      set: { answer: 42 }
`;

/** One thing that is started in each round. */
interface Case {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** How often the floor it may take; a peer may take what it takes. */
  readonly ratioMax?: number;
}

/** What the program is asked to do. */
interface Task {
  readonly name: string;
  readonly args: readonly string[];
  readonly ratioMax: number;
}

/** Measures the start-up of light commands. */
export function benchStartup(): Promise<readonly Row[]> {
  return withHome(async (home) => {
    await storeAgents(home);
    const { folder, tasks } = await layTasks(home);
    const { entry } = await programOf(`${folder}/program`);
    const empty = `${folder}/empty.mjs`;
    const peers = await findPeers(empty);
    const bundle = [
      "run",
      "-A",
      `--v8-flags=${ENGINE_FLAGS.join(",")}`,
      `${folder}/program/${entry}`,
    ];
    const cases: readonly Case[] = [
      {
        name: "empty script",
        command: [Deno.execPath(), "run", "-A", empty],
        ratioMax: 1,
      },
      ...tasks.map((it) => caseOf(it, "bundled", bundle)),
      ...tasks.map((it) => caseOf(it, "from source", PROGRAM)),
      ...peers.filter((it) => it.kind === "there"),
    ];
    const times = await timeAll(cases, home);
    const [floorMs = Infinity] = times;
    return [
      ...cases.map((it, i) => rowOf(it, times[i] ?? Infinity, floorMs)),
      ...peers.filter((it) => it.kind === "missing").map(missingRow),
    ];
  });
}

/** Writes what is run, beside the home. */
async function layTasks(
  home: string,
): Promise<{ readonly folder: string; readonly tasks: readonly Task[] }> {
  const folder = `${home}/bench`;
  await Deno.mkdir(`${folder}/program`, { recursive: true });
  await Deno.writeTextFile(`${folder}/empty.mjs`, "export {};\n");
  const workflow = `${folder}/one.yaml`;
  await Deno.writeTextFile(workflow, WORKFLOW);
  return {
    folder,
    tasks: [
      { name: "version", args: ["version"], ratioMax: 1.3 },
      { name: "--help", args: ["--help"], ratioMax: 1.7 },
      {
        name: `agent list, ${AGENTS} agents`,
        args: ["agent", "list"],
        ratioMax: 3,
      },
      { name: "run, one step", args: ["run", workflow], ratioMax: 4 },
    ],
  };
}

function caseOf(
  { name, args, ratioMax }: Task,
  form: string,
  start: readonly string[],
): Case {
  return {
    name: `${name} (${form})`,
    command: [Deno.execPath(), ...start, ...args],
    ratioMax,
  };
}

/** The medians, in the order of the cases. */
async function timeAll(
  cases: readonly Case[],
  home: string,
): Promise<readonly number[]> {
  const times = cases.map((): number[] => []);
  // Interleaved, so that a slow moment of the machine hits all alike. The
  // first round fills caches and is not counted.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, { command }] of cases.entries()) {
      const startedAtMs = performance.now();
      const result = await runProgram(command, {
        env: { ...QUIET, STIGMER_HOME: home },
      });
      const elapsedMs = performance.now() - startedAtMs;
      if (!result.ok) {
        throw new Error(`${command.join(" ")} failed:\n${outputOf(result)}`);
      }
      if (round > 0) times[i]?.push(elapsedMs);
    }
  }
  return times.map(median);
}

function rowOf(
  { name, ratioMax }: Case,
  elapsedMs: number,
  floorMs: number,
): Row {
  const ratio = elapsedMs / floorMs;
  return {
    name: `start-up: ${name}`,
    value: milliseconds(elapsedMs),
    ratio,
    target: ratioMax === undefined
      ? "a peer"
      : ratioMax === 1
      ? "the floor"
      : `≤ ${ratioMax} × empty script`,
    ok: ratioMax === undefined || ratio <= ratioMax,
  };
}

function missingRow(
  { name, reason }: Extract<Peer, { kind: "missing" }>,
): Row {
  return {
    name: `start-up: ${name}`,
    value: "NOT MEASURED",
    target: `a peer that cannot be started: ${reason}`,
    ok: false,
  };
}

async function storeAgents(home: string): Promise<void> {
  await using backend = await openBackend({
    host: systemHost(),
    home,
    execute: "none",
  });
  await backend.client.applyResources({
    resources: Array.from({ length: AGENTS }, (_, i) => ({
      resource: {
        case: "agent",
        value: {
          apiVersion: "agentic.stigmer.ai/v1",
          kind: "Agent",
          metadata: { name: `agent-${i}`, labels: { team: `team-${i % 7}` } },
          spec: {
            description: `Agent ${i} of the benchmark`,
            instructions: "Answer briefly and say when you do not know.",
          },
        },
      },
    })),
  });
}
