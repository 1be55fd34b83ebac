/**
 * Measures speed and memory and prints one table. Never a test: figures on a
 * shared machine prove nothing alone, so each row is held against a floor that
 * was measured in the same run.
 *
 * `deno task bench startup` measures only the groups that are named.
 *
 * @module
 */

import { benchAgents } from "./agents.ts";
import { benchCloud } from "./cloud.ts";
import { benchEngine } from "./engine.ts";
import { benchExpressions } from "./expr.ts";
import { benchLanguage } from "./language.ts";
import { benchMask } from "./mask.ts";
import { benchMemory } from "./memory.ts";
import type { Row } from "./row.ts";
import { benchServer } from "./server.ts";
import { benchStartup } from "./startup.ts";
import { benchStore } from "./store.ts";
import { benchTools } from "./tools.ts";
import { benchVault } from "./vault.ts";

const GROUPS: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  startup: benchStartup,
  store: benchStore,
  vault: benchVault,
  mask: benchMask,
  engine: benchEngine,
  expr: benchExpressions,
  language: benchLanguage,
  memory: benchMemory,
  server: benchServer,
  cloud: benchCloud,
  agents: benchAgents,
  tools: benchTools,
};

if (import.meta.main) {
  const unknown = Deno.args.find((it) => GROUPS[it] === undefined);
  if (unknown !== undefined) {
    console.error(
      `No group "${unknown}", there are: ${Object.keys(GROUPS).join(", ")}`,
    );
    Deno.exit(2);
  }
  const rows: Row[] = [];
  for (const [name, measure] of Object.entries(GROUPS)) {
    if (Deno.args.length > 0 && !Deno.args.includes(name)) continue;
    console.error(`Measuring: ${name}`);
    rows.push(...await measure());
  }
  console.log(table(rows));
  if (rows.some((it) => !it.ok)) Deno.exit(1);
}

/** Lays rows out in columns of Markdown. */
export function table(rows: readonly Row[]): string {
  const cells = [
    ["what", "measured", "ratio", "wanted", ""],
    ...rows.map((row) => [
      row.name,
      row.value,
      row.ratio === undefined ? "" : `${row.ratio.toFixed(2)} ×`,
      row.target,
      row.ok ? "ok" : "MISSED",
    ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0))
  );
  const lines = cells.map((row) =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`
  );
  const rule = `| ${widths.map((it) => "-".repeat(it)).join(" | ")} |`;
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}
