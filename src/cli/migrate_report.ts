/**
 * Says what became of a migration.
 *
 * @module
 */

import {
  type CommitImportResponse,
  type ImportResult,
  ImportResult_Outcome as Outcome,
} from "../../gen/stigmer/backend/v1/transfer_pb.ts";
import type { Json } from "../model/json.ts";
import type { Context } from "./context.ts";
import { renderTable } from "./table.ts";
import { showJson } from "./view.ts";
import type { Verified } from "./migrate_records.ts";

/** What became of a migration. */
export interface MigrationReport {
  readonly from: string;
  readonly to: string;
  readonly dryRun: boolean;
  readonly committed: CommitImportResponse;
  /** Executions that stayed behind. */
  readonly runningCount: number;
  /** Workflows whose schedules are paused at the target. */
  readonly pausedSchedules: readonly string[];
  /** Absent where nothing was stored. */
  readonly verified?: Verified;
}

/** Names of one line at the most. */
const NAMED_MAX = 10;
/** Columns of the table, by what becomes of records. */
const COLUMNS = [
  { header: "CREATED", key: "created", outcome: Outcome.CREATED },
  { header: "REPLACED", key: "replaced", outcome: Outcome.REPLACED },
  { header: "UNCHANGED", key: "unchanged", outcome: Outcome.UNCHANGED },
  { header: "SKIPPED", key: "skipped", outcome: Outcome.SKIPPED },
  { header: "REFUSED", key: "refused", outcome: undefined },
] as const;

/** Prints what became of a migration. */
export async function showMigration(
  context: Context,
  report: MigrationReport,
): Promise<void> {
  const { io } = context;
  switch (io.format) {
    case "json":
    case "jsonl":
    case "yaml":
      await showJson(context, reportJson(report));
      break;
    case "name":
      for (const { kind, name } of report.committed.results) {
        io.data(`${kind}/${name}`);
      }
      break;
    case "table":
    case "wide":
      await showTable(context, report);
  }
  showNotes(context, report);
}

/** Names what keeps a migration from being done, some of it. */
export function refusedLines(
  { results }: CommitImportResponse,
): readonly string[] {
  const refused = results.filter(isRefused);
  const lines = refused.slice(0, NAMED_MAX).map((it) => {
    const problems = it.problems.map(({ message }) => message);
    const why = [it.detail, ...problems].filter((text) => text !== "");
    const said = why.length === 0 ? "" : `: ${why.join("; ")}`;
    return `${it.kind} "${it.name}"${said}`;
  });
  const more = refused.length - lines.length;
  return more === 0 ? lines : [...lines, `and ${more} more`];
}

/** Says whether a record keeps all from being stored. */
export function isRefused({ outcome }: ImportResult): boolean {
  return outcome === Outcome.CONFLICT || outcome === Outcome.INVALID ||
    outcome === Outcome.OUTCOME_UNSPECIFIED;
}

async function showTable(
  { io }: Context,
  { committed }: MigrationReport,
): Promise<void> {
  const rows = countsOf(committed);
  if (rows.length === 0) return io.note("There is nothing to move");
  const columns = [
    { header: "KIND" },
    ...COLUMNS.map(({ header }) => ({ header, right: true })),
  ];
  const cells = rows.map(({ kind, counts }) => [kind, ...counts.map(String)]);
  io.data(
    await renderTable(columns, cells, { columns: io.columns, style: io.out }),
  );
}

/** Counts by kind, in the order of the columns. */
function countsOf({ results }: CommitImportResponse): readonly {
  readonly kind: string;
  readonly counts: readonly number[];
}[] {
  const byKind = new Map<string, number[]>();
  for (const result of results) {
    const counts = byKind.get(result.kind) ?? COLUMNS.map(() => 0);
    const found = COLUMNS.findIndex((it) => it.outcome === result.outcome);
    const column = found === -1 ? COLUMNS.length - 1 : found;
    counts[column] = (counts[column] ?? 0) + 1;
    byKind.set(result.kind, counts);
  }
  return [...byKind].map(([kind, counts]) => ({ kind, counts }));
}

function reportJson(report: MigrationReport): Json {
  const { from, to, dryRun, committed, runningCount, verified } = report;
  return {
    from,
    to,
    dryRun,
    kinds: countsOf(committed).map(({ kind, counts }) => ({
      kind,
      ...Object.fromEntries(COLUMNS.map(({ key }, i) => [key, counts[i] ?? 0])),
    })),
    stayedBehind: runningCount,
    missingSecrets: committed.missingSecrets,
    pausedSchedules: report.pausedSchedules,
    ...(verified === undefined ? {} : {
      verified: {
        same: verified.sameCount,
        otherwise: verified.otherwiseCount,
        wrong: verified.wrong,
      },
    }),
  };
}

function showNotes(
  { io }: Context,
  report: MigrationReport,
): void {
  const { committed, runningCount, verified, pausedSchedules } = report;
  const { from, to, dryRun } = report;
  if (runningCount > 0) {
    io.alert(
      `${counted(runningCount, "execution")} stayed behind: not ended yet, ` +
        "or started by one that has not",
    );
  }
  if (committed.missingSecrets.length > 0) {
    io.warn(
      `Secrets without a value at "${to}": ${named(committed.missingSecrets)}`,
    );
  }
  if (pausedSchedules.length > 0) {
    io.alert(
      `Paused at "${to}", so that nothing is started twice: ` +
        `${named(pausedSchedules)}`,
    );
    io.alert(
      `Pause them at "${from}", then: stigmer schedule resume NAME ` +
        `--backend ${to}`,
    );
  }
  if (dryRun) return io.note("Nothing was moved (dry run)");
  if (verified === undefined) return;
  const all = committed.results;
  const isNew = all.some(({ outcome }) => outcome !== Outcome.UNCHANGED);
  if (all.length > 0 && !isNew) io.note(`All of it was at "${to}" already`);
  io.note(`Compared at "${to}": ${comparedText(verified)}`);
}

function comparedText({ sameCount, otherwiseCount }: Verified): string {
  const same = `${counted(sameCount, "record")} the same to the byte`;
  return otherwiseCount === 0
    ? same
    : `${same}, ${otherwiseCount} as they met others there`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function named(names: readonly string[]): string {
  const more = names.length - NAMED_MAX;
  const some = names.slice(0, NAMED_MAX).join(", ");
  return more > 0 ? `${some} and ${more} more` : some;
}
