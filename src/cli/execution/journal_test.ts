import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { strictEqual } from "node:assert/strict";
import {
  ExecutionEvent_Type,
  ExecutionEventSchema,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { styleOf } from "../style.ts";
import { eventLine } from "./journal.ts";

Deno.test("eventLine() gives the date of an entry that is not of today", () => {
  const event = create(ExecutionEventSchema, {
    sequence: 7,
    type: ExecutionEvent_Type.EXECUTION_STARTED,
    time: timestampFromMs(Date.UTC(2026, 0, 31, 23, 59, 59, 5)),
  });
  const lineAt = (nowMs: number) =>
    eventLine(event, { width: 80, style: styleOf(false), nowMs });
  strictEqual(
    lineAt(Date.UTC(2026, 0, 31)),
    "    7  23:59:59.005Z  EXECUTION_STARTED",
  );
  strictEqual(
    lineAt(Date.UTC(2026, 1, 1)),
    "    7  2026-01-31T23:59:59.005Z  EXECUTION_STARTED",
  );
});
