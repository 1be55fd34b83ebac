import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  ExecutionSchema,
  type ExecutionSchema as Schema,
  Phase,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { itemsOf, keyOf, waitsForPerson } from "./asked_items.ts";
import { questionsOf } from "./questions.ts";

const NOW_MS = Date.UTC(2026, 0, 1);
const ASKS = 'answer to "Ship it?"';

function execution(status: MessageInitShape<typeof Schema>["status"]) {
  return create(ExecutionSchema, { metadata: { id: "wex-1" }, status });
}

Deno.test("waitsForPerson() is so where nothing else goes on within a minute", () => {
  const dueIn = (ms: number) => ({ dueAt: timestampFromMs(NOW_MS + ms) });
  const cases = [
    [{ phase: Phase.WAITING, waitingFor: ASKS }, true],
    [{ phase: Phase.WAITING, waitingFor: "approval of a()" }, true],
    [{ phase: Phase.WAITING, waitingFor: ASKS, ...dueIn(3_600_000) }, true],
    [{ phase: Phase.WAITING, waitingFor: ASKS, ...dueIn(60_000) }, false],
    [{ phase: Phase.WAITING, waitingFor: 'timer of "nap"' }, false],
    [{ phase: Phase.RUNNING, waitingFor: ASKS }, false],
    [{ phase: Phase.COMPLETED }, false],
  ] as const;
  for (const [status, is] of cases) {
    strictEqual(waitsForPerson(execution(status), NOW_MS), is);
  }
});

Deno.test("keyOf() tells each try of a task apart, and each execution", () => {
  const keysOf = (id: string, attempts: number): readonly string[] => {
    const asking = execution({
      tasks: [{ path: "/do/0/sure", attempts, human: { prompt: "Sure?" } }],
    });
    const questions = questionsOf(asking).map((question) => ({ id, question }));
    return itemsOf({ calls: [], questions }).map(keyOf);
  };
  deepStrictEqual(keysOf("wex-1", 1), ["wex-1 /do/0/sure 1"]);
  deepStrictEqual(keysOf("wex-1", 2), ["wex-1 /do/0/sure 2"]);
  deepStrictEqual(keysOf("wex-2", 1), ["wex-2 /do/0/sure 1"]);
});
