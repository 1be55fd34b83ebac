/**
 * What still waits when a worker ends, and the commands that go on with it.
 *
 * @module
 */

import { timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type Execution,
  Phase,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { BackendClient } from "../backend/open.ts";
import { isAnswerWait, isApprovalWait } from "../model/answer.ts";
import { PAGE_SIZE_MAX } from "../model/limits.ts";

/** What a run waits for, as far as that says who goes on with it. */
type Wait = "approval" | "answer" | "event" | "timer" | "pause";

const WAITS: readonly Wait[] = [
  "approval",
  "answer",
  "event",
  "timer",
  "pause",
];

/** Lists what waits, in a line for each way to go on. */
export async function waitingLines(
  client: BackendClient,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { executions, nextPageToken } = await client.listExecutions({
    page: { size: PAGE_SIZE_MAX, token: "" },
    phases: [Phase.WAITING, Phase.PAUSED],
    topLevel: true,
  }, { signal });
  const lines = WAITS.flatMap((wait) => {
    const those = executions.filter((it) => waitOf(it) === wait);
    const [newest] = those;
    return newest === undefined ? [] : [lineOf(wait, those, newest)];
  });
  if (nextPageToken === "") return lines;
  return [
    ...lines,
    "and more: stigmer execution list --phase waiting,paused --all",
  ];
}

function waitOf({ status }: Execution): Wait {
  const { phase, waitingFor = "", dueAt } = status ?? {};
  if (phase === Phase.PAUSED) return "pause";
  if (isApprovalWait(waitingFor)) return "approval";
  if (isAnswerWait(waitingFor)) return "answer";
  return dueAt === undefined ? "event" : "timer";
}

function lineOf(
  wait: Wait,
  those: readonly Execution[],
  newest: Execution,
): string {
  const id = newest.metadata?.id ?? "";
  const count = those.length;
  const verb = count === 1 ? "1 waits" : `${count} wait`;
  const which = count === 1 ? "" : ", the newest";
  switch (wait) {
    case "approval":
      return `${verb} for an approval${which}: stigmer execution approve ${id}`;
    case "answer":
      return `${verb} for an answer${which}: stigmer execution respond ${id}`;
    case "event":
      return `${verb} for what comes from outside${which}: ` +
        `stigmer execution get ${id}`;
    case "timer":
      return `${verb} for a timer, due at ${firstDue(those)}: stigmer worker`;
    case "pause":
      return `${count} ${count === 1 ? "is" : "are"} paused${which}: ` +
        `stigmer execution resume ${id}`;
  }
}

/** When the first timer of several runs out. */
function firstDue(those: readonly Execution[]): string {
  const dueMs = those.map(({ status }) =>
    status?.dueAt === undefined ? Infinity : timestampMs(status.dueAt)
  );
  return `${new Date(Math.min(...dueMs)).toISOString().slice(0, 19)}Z`;
}
