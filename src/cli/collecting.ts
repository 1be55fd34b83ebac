/**
 * Collects garbage, and shows what went.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type CollectGarbageResponse,
  CollectGarbageResponseSchema,
} from "../../gen/stigmer/backend/v1/operations_pb.ts";
import type { Ending } from "./command.ts";
import { type Context, openFor } from "./context.ts";
import { sizeText } from "../model/size_text.ts";
import { changed, readChange, TIMES } from "./retaining.ts";
import { renderTable } from "./table.ts";
import { showJson } from "./view.ts";

/** What a collection is asked for with. */
export interface CollectInput {
  readonly dryRun: boolean;
  readonly executions: string | undefined;
  readonly journals: string | undefined;
  readonly artifacts: string | undefined;
  readonly versions: string | undefined;
  readonly events: string | undefined;
  readonly audit: string | undefined;
}

/** Removes what is past its time, or says what would be removed. */
export async function collect(
  context: Context,
  input: CollectInput,
): Promise<Ending> {
  const { io, signal } = context;
  const changes = [...TIMES, "versions" as const].flatMap((name) => {
    const value = input[name];
    return value === undefined
      ? []
      : [readChange(name, value, `--${name} ${value}`)];
  });
  await using backend = await openFor(context);
  const { client } = backend;
  const { retention: before } = await client.getRetention({}, { signal });
  const answer = await client.collectGarbage({
    dryRun: input.dryRun,
    ...(changes.length === 0 ? {} : { retention: changed(before, changes) }),
  }, { signal });
  if (io.format !== "table" && io.format !== "wide") {
    if (io.format !== "name") {
      await showJson(context, toJson(CollectGarbageResponseSchema, answer));
    }
    return "ok";
  }
  if (io.quiet) return "ok";
  await showCounts(context, answer, input);
  return "ok";
}

async function showCounts(
  { io }: Context,
  answer: CollectGarbageResponse,
  { dryRun }: CollectInput,
): Promise<void> {
  const rows = rowsOf(answer).filter(([, count]) => count > 0)
    .map(([name, count]) => [name, `${count}`]);
  if (rows.length === 0) {
    io.note("Nothing is past its time, and nothing is left over");
    return;
  }
  io.data(
    await renderTable(
      [
        { header: dryRun ? "WOULD GO" : "WENT" },
        { header: "COUNT", right: true },
      ],
      rows,
      { columns: io.columns, style: io.out },
    ),
  );
  const size = sizeText(Number(answer.freedBytes));
  io.note(
    dryRun
      ? `About ${size} would be free; nothing was removed`
      : `The database is ${size} smaller`,
  );
}

function rowsOf(
  answer: CollectGarbageResponse,
): readonly (readonly [name: string, count: number])[] {
  return [
    ["executions", answer.executionCount],
    ["journals", answer.journalCount],
    ["artifacts", answer.artifactCount],
    ["versions", answer.versionCount],
    ["events", answer.eventCount],
    ["audit entries", answer.auditCount],
    ["large values", answer.valueCount],
    ["other", answer.otherCount],
  ];
}
