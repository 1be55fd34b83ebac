import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { deepStrictEqual } from "node:assert/strict";
import { ListExecutionsResponseSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  ExecutionSchema,
  Phase,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { BackendClient } from "../backend/open.ts";
import { waitingLines } from "./still_waiting.ts";

type Status = MessageInitShape<typeof ExecutionSchema>["status"];

async function linesOf(
  statuses: readonly Status[],
  nextPageToken = "",
): Promise<readonly string[]> {
  const executions = statuses.map((status, i) =>
    create(ExecutionSchema, { metadata: { id: `wex-${i}` }, status })
  );
  const answer = create(ListExecutionsResponseSchema, {
    executions,
    nextPageToken,
  });
  const client = { listExecutions: () => Promise.resolve(answer) };
  return await waitingLines(
    client as unknown as BackendClient,
    new AbortController().signal,
  );
}

const waits = (waitingFor: string, dueMs?: number): Status => ({
  phase: Phase.WAITING,
  waitingFor,
  ...(dueMs === undefined ? {} : { dueAt: timestampFromMs(dueMs) }),
});

Deno.test("waitingLines() has a line for each way to go on", async () => {
  deepStrictEqual(
    await linesOf([
      waits('timer of "nap"', Date.UTC(2026, 0, 2)),
      waits('answer to "Ship it?"', Date.UTC(2026, 0, 3)),
      waits('timer of "nap"', Date.UTC(2026, 0, 1)),
      waits("approval of write()"),
      waits("approval of write()"),
      waits("event a.b"),
      { phase: Phase.PAUSED, waitingFor: "resume" },
    ]),
    [
      "2 wait for an approval, the newest: stigmer execution approve wex-3",
      "1 waits for an answer: stigmer execution respond wex-1",
      "1 waits for what comes from outside: stigmer execution get wex-5",
      "2 wait for a timer, due at 2026-01-01T00:00:00Z: stigmer worker",
      "1 is paused: stigmer execution resume wex-6",
    ],
  );
});

Deno.test("waitingLines() has none where nothing waits, and says that there is more", async () => {
  deepStrictEqual(await linesOf([]), []);
  deepStrictEqual(await linesOf([waits("event a.b")], "more"), [
    "1 waits for what comes from outside: stigmer execution get wex-0",
    "and more: stigmer execution list --phase waiting,paused --all",
  ]);
});
