import { create } from "@bufbuild/protobuf";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  type Execution,
  ExecutionSchema,
  Phase,
  TaskStatusSchema,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { fakeContext } from "../fake_context.ts";
import { endingOf, hasEnded, parsePhase, showFailure } from "./outcome.ts";

const BASE = "https://serverlessworkflow.io/spec/1.0.0/errors/";
const OTHER_BASE = "https://open-workflow-specification.org/dsl/errors/types/";

function execution(phase: Phase, type = ""): Execution {
  return create(ExecutionSchema, {
    metadata: { id: "wex-1" },
    status: {
      phase,
      ...(type === "" ? {} : {
        error: {
          type,
          status: 401,
          title: "No",
          detail: "Not today",
          instance: "/do/0/a",
        },
      }),
    },
  });
}

Deno.test("endingOf() succeeds on COMPLETED alone", () => {
  const cases: readonly (readonly [Execution, boolean, string])[] = [
    [execution(Phase.COMPLETED), false, "ok"],
    [execution(Phase.CANCELLED), false, "CANCELLED"],
    [execution(Phase.PAUSED), false, "failed"],
    [execution(Phase.FAILED), false, "failed"],
    [execution(Phase.FAILED, `${BASE}runtime`), true, "failed"],
    [
      execution(Phase.FAILED, `${BASE}authentication`),
      false,
      "UNAUTHENTICATED",
    ],
    [
      execution(Phase.FAILED, `${OTHER_BASE}authorization`),
      false,
      "PERMISSION_DENIED",
    ],
    [execution(Phase.FAILED, `${BASE}timeout`), true, "DEADLINE_EXCEEDED"],
    [execution(Phase.FAILED, `${BASE}timeout`), false, "failed"],
  ];
  for (const [it, timed, expected] of cases) {
    strictEqual(endingOf(it, { timed }), expected);
  }
});

Deno.test("hasEnded() and parsePhase() know the phases", () => {
  deepStrictEqual(
    [Phase.PENDING, Phase.WAITING, Phase.FAILED].map((it) =>
      hasEnded(execution(it))
    ),
    [false, false, true],
  );
  deepStrictEqual([parsePhase("failed"), parsePhase("x")], [
    "FAILED",
    undefined,
  ]);
});

Deno.test("showFailure() names run, reason and place on stderr", async () => {
  const context = await fakeContext("-q");
  showFailure(context, execution(Phase.COMPLETED));
  showFailure(context, execution(Phase.FAILED, `${BASE}runtime`));
  showFailure(context, execution(Phase.CANCELLED));
  strictEqual(
    context.host.terminal.text("stderr"),
    "Error: Execution wex-1 failed: Not today\n  at /do/0/a (No)\n" +
      "Cancelled wex-1\n",
  );
});

Deno.test("showFailure() says a title once that stands for the reason", async () => {
  const context = await fakeContext("-q");
  const failed = execution(Phase.FAILED, "https://a.b/busy");
  ok(failed.status?.error);
  failed.status.error.detail = "";
  showFailure(context, failed);
  strictEqual(
    context.host.terminal.text("stderr"),
    "Error: Execution wex-1 failed: No\n  at /do/0/a\n",
  );
});

Deno.test("showFailure() says how an input is given that a workflow misses", async () => {
  const context = await fakeContext("-q");
  const failed = execution(Phase.FAILED, `${BASE}validation`);
  const { error } = failed.status ?? {};
  if (error === undefined) throw new Error("It has no error");
  error.instance = "";
  error.detail = 'The input of the workflow does not fit its "input.schema": x';
  showFailure(context, failed);
  strictEqual(
    context.host.terminal.text("stderr"),
    `Error: Execution wex-1 failed: ${error.detail}\n` +
      "Hint: Give it with --input KEY=VALUE, or with --input-file FILE\n",
  );
});

Deno.test("showFailure() names the round of a loop that failed", async () => {
  const context = await fakeContext("-q");
  const failed = execution(Phase.FAILED, `${BASE}runtime`);
  const round = (index: number, phase: Phase) =>
    create(TaskStatusSchema, {
      path: `/do/0/for/${index}/do/0/a`,
      pointer: "/do/0/a",
      name: "a",
      phase,
    });
  failed.status?.tasks.push(round(0, Phase.COMPLETED), round(1, Phase.FAILED));
  showFailure(context, failed);
  strictEqual(
    context.host.terminal.text("stderr"),
    "Error: Execution wex-1 failed: Not today\n  at /do/0/a (No)\n" +
      "  in this run /do/0/for/1/do/0/a\n",
  );
});

Deno.test("showFailure() shows what steers a terminal, and does not do it", async () => {
  const context = await fakeContext("-q");
  const failed = execution(Phase.FAILED, `${BASE}runtime`);
  const { error } = failed.status ?? {};
  ok(error);
  error.detail = "it said\n\x1b]0;x\x07\r\u009b1m\u202ez";
  error.title = "No\x1b[32m\n";
  error.instance = "/do/0/\x1b[2J";
  showFailure(context, failed);
  if (failed.status) failed.status.phase = Phase.CANCELLED;
  error.detail = "Cancelled: by \x1b[2J";
  showFailure(context, failed);
  strictEqual(
    context.host.terminal.text("stderr"),
    "Error: Execution wex-1 failed: it said\n" +
      "\\u{1b}]0;x\\u{7}\\r\\u{9b}1m\\u{202e}z\n" +
      "  at /do/0/\\u{1b}[2J (No\\u{1b}[32m\\n)\n" +
      "Cancelled wex-1: by \\u{1b}[2J\n",
  );
});
