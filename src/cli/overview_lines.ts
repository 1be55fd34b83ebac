/**
 * An overview as lines and as JSON.
 *
 * @module
 */

import type { GetBackendInfoResponse } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Json } from "../model/json.ts";
import { PAGE_SIZE_MAX } from "../model/limits.ts";
import { countedText, groupedText, usdText } from "../model/usage.ts";
import { formatAge } from "./duration.ts";
import { dressPhase } from "./execution/resource.ts";
import { taskTokens } from "./execution/usage_text.ts";
import { oneLine } from "./one_line.ts";
import type { Overview, OverviewRow } from "./overview.ts";
import type { Style } from "./style.ts";
import { linesOfRow, renderTable, type TableColumn } from "./table.ts";
import { wrap } from "./wrap.ts";

/** Characters of what an execution is at that are looked at. */
const TASK_LENGTH_MAX = 500;

const COLUMNS: readonly TableColumn[] = [
  { header: "ID", whole: true },
  { header: "NAME" },
  { header: "PHASE" },
  { header: "TASK", spare: 2 },
  { header: "AGE", right: true, spare: 3 },
  { header: "TOKENS", right: true, spare: 4 },
];
const COST_COLUMN: TableColumn = { header: "COST", right: true, spare: 5 };

/** What of a backend an overview tells. */
export type BackendFacts = Pick<
  GetBackendInfoResponse,
  "type" | "location" | "version" | "workerSlots"
>;

/** Writes what an overview says of all executions together. */
export function summaryLines(
  overview: Overview,
  options: {
    readonly backend: BackendFacts;
    readonly nowMs: number;
    readonly columns: number | undefined;
    readonly style: Style;
  },
): readonly string[] {
  const { backend, style, columns } = options;
  const { lastHour } = overview;
  const time = new Date(options.nowMs).toISOString().slice(11, 19);
  const tokens = `${groupedText(lastHour.inputTokens)} + ` +
    `${groupedText(lastHour.outputTokens)} tokens`;
  const cost = lastHour.costUsd === undefined
    ? ""
    : `, ${usdText(lastHour.costUsd)}`;
  const slots = backend.workerSlots === 0
    ? ""
    : `, ${countedText(backend.workerSlots, "worker slot")}`;
  const left = overview.left === 0 ? "" : `, ${overview.left} without a worker`;
  const newest = overview.isPartial
    ? ` (of the newest ${groupedText(PAGE_SIZE_MAX)})`
    : "";
  const lines = [
    `Stigmer ${backend.version} ${backend.type} ${oneLine(backend.location)} ` +
    `${time}Z`,
    `Now: ${overview.running} running, ${overview.waiting} waiting, ` +
    `${overview.pending} pending, ${overview.paused} paused${left}, ` +
    `${countedText(overview.toolsInFlight, "tool")} in flight${slots}${newest}`,
    `Last hour: ${lastHour.completed} completed, ${lastHour.failed} failed, ` +
    `${lastHour.cancelled} cancelled, ${tokens}${cost}${newest}`,
  ];
  return lines.flatMap((it) => wrap(it, columns).split("\n"))
    .map((it) => it.replace(/^[A-Z][a-z ]*\b/, style.bold));
}

/** Writes the executions of an overview as a table. */
export async function tableLines(
  rows: readonly OverviewRow[],
  { columns, style }: {
    readonly columns: number | undefined;
    readonly style: Style;
  },
): Promise<readonly string[]> {
  const hasCosts = rows.some(({ usage }) => usage?.costUsd !== undefined);
  const text = await renderTable(
    hasCosts ? [...COLUMNS, COST_COLUMN] : COLUMNS,
    rows.map((it) => [
      it.id,
      it.name,
      it.phase,
      it.task.slice(0, TASK_LENGTH_MAX),
      formatAge(it.ageMs),
      taskTokens(it.usage),
      it.usage?.costUsd === undefined ? "" : usdText(it.usage.costUsd),
    ]),
    { columns, style },
  );
  const lines = text.split("\n");
  const perRow = linesOfRow(lines, rows.length);
  return lines.map((line, i) => {
    const row = rows[Math.floor(i / perRow) - 1];
    return dressed(line, row?.phase ?? "", style);
  });
}

function dressed(line: string, phase: string, style: Style): string {
  return phase === "" ? line : line.replace(
    ` ${phase} `,
    ` ${dressPhase(phase, style)} `,
  );
}

/** Writes an overview as JSON. */
export function overviewJson(
  overview: Overview,
  { backend, nowMs }: {
    readonly backend: BackendFacts;
    readonly nowMs: number;
  },
): Json {
  const { rows, lastHour, ...counts } = overview;
  const { costUsd, ...hour } = lastHour;
  return {
    time: new Date(nowMs).toISOString(),
    backend: {
      type: backend.type,
      location: backend.location,
      workerSlots: backend.workerSlots,
    },
    ...counts,
    lastHour: { ...hour, ...(costUsd === undefined ? {} : { costUsd }) },
    executions: rows.map(({ usage, ...row }) => ({
      ...row,
      ...(usage === undefined ? {} : {
        inputTokens: usage.inputTokens,
        outputTokens: usage.outputTokens,
        ...(usage.costUsd === undefined ? {} : { costUsd: usage.costUsd }),
      }),
    })),
  };
}
