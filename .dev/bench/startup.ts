/**
 * How long the program takes from start to end, against an empty script.
 *
 * @module
 */

import { openBackend } from "../../src/backend/open.ts";
import { systemHost } from "../../src/host/system.ts";
import {
  median,
  milliseconds,
  PROGRAM,
  timeDeno,
  withHome,
} from "./measure.ts";
import type { Row } from "./row.ts";

const ROUNDS = 21;
const AGENTS = 1000;

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  readonly ratioMax: number;
}

const CASES: readonly Case[] = [
  { name: "version", args: ["version"], ratioMax: 1.5 },
  { name: "--help", args: ["--help"], ratioMax: 2 },
  {
    name: `agent list, ${AGENTS} agents`,
    args: ["agent", "list"],
    ratioMax: 5,
  },
];

/** Measures the start-up of light commands. */
export function benchStartup(): Promise<readonly Row[]> {
  return withHome(async (home) => {
    await storeAgents(home);
    const empty = `${home}/empty.ts`;
    await Deno.writeTextFile(empty, "export {};\n");
    const env = { STIGMER_HOME: home, NO_COLOR: "1" };
    const floorMs: number[] = [];
    const caseMs = CASES.map((): number[] => []);
    // Interleaved, so that a slow moment of the machine hits all alike. The
    // first round fills caches and is not counted.
    for (let round = 0; round <= ROUNDS; round++) {
      const floor = await timeDeno(["run", "-A", empty], env);
      if (round > 0) floorMs.push(floor);
      for (const [i, { args }] of CASES.entries()) {
        const elapsedMs = await timeDeno([...PROGRAM, ...args], env);
        if (round > 0) caseMs[i]?.push(elapsedMs);
      }
    }
    return rowsOf(median(floorMs), caseMs.map(median));
  });
}

function rowsOf(
  floorMs: number,
  caseMs: readonly number[],
): readonly Row[] {
  const floor: Row = {
    name: "start-up: empty script",
    value: milliseconds(floorMs),
    ratio: 1,
    target: "the floor",
    ok: true,
  };
  const rows = CASES.map(({ name, ratioMax }, i): Row => {
    const elapsedMs = caseMs[i] ?? Infinity;
    const ratio = elapsedMs / floorMs;
    return {
      name: `start-up: ${name}`,
      value: milliseconds(elapsedMs),
      ratio,
      target: `≤ ${ratioMax} × empty script`,
      ok: ratio <= ratioMax,
    };
  });
  return [floor, ...rows];
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
