import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { GetExecutionResponseSchema } from "../../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  ExecutionEvent_Type as Type,
  ExecutionEventSchema,
  ExecutionSchema,
  Phase,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { type BackendClient, openBackend } from "../../backend/open.ts";
import { until } from "../../../tests/until.ts";
import { fakeContext } from "../fake_context.ts";
import { openQuestionDesk } from "./question_desk.ts";

const SEEN_MS = 250;
const ID = "aex-1";
const WAITING_FOR = "approval of files_write()";

const EXECUTION = create(ExecutionSchema, {
  metadata: { id: ID },
  status: {
    phase: Phase.WAITING,
    waitingFor: WAITING_FOR,
    tasks: [{
      path: "/turn/1/tool/x",
      name: "files_write",
      human: { toolCall: { server: "files", tool: "write" } },
    }],
  },
});

/** A client of a run whose call waits, and whose answers are refused. */
function refusing(
  client: BackendClient,
  { answers, refusal }: {
    readonly answers: string[];
    readonly refusal: ConnectError;
  },
): BackendClient {
  return {
    ...client,
    getExecution: () =>
      Promise.resolve(
        create(GetExecutionResponseSchema, { execution: EXECUTION }),
      ),
    respondExecution({ outcome = "" }) {
      answers.push(outcome);
      return Promise.reject(refusal);
    },
  };
}

Deno.test("an answer that is refused is told, and the call is asked about no more", async () => {
  const made = await fakeContext("--color never", { columns: 80 });
  const { clock } = made.host;
  const terminal = {
    ...made.host.terminal,
    withKeys: <T>(
      work: (read: () => Promise<Uint8Array | undefined>) => Promise<T>,
    ) =>
      work(() => {
        clock.advance(SEEN_MS);
        return Promise.resolve(new TextEncoder().encode("a"));
      }),
  };
  const context = {
    ...made,
    io: { ...made.io, interactive: true },
    host: { ...made.host, terminal },
  };
  const home = await Deno.makeTempDir({ prefix: "stigmer-desk-" });
  await using _home = {
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
  await using backend = await openBackend({ home, execute: "none" });
  const answers: string[] = [];
  const client = refusing(backend.client, {
    answers,
    refusal: new ConnectError(
      "It needs the role runner",
      Code.PermissionDenied,
    ),
  });
  let isLeft = false;
  let answered = 0;
  await using desk = openQuestionDesk(context, client, {
    id: ID,
    owned: true,
    hold() {},
    answered: () => void answered++,
    leave: () => void (isLeft = true),
    signal: new AbortController().signal,
  });
  desk.take(create(ExecutionEventSchema, {
    type: Type.EXECUTION_WAITING,
    data: { kind: { case: "stringValue", value: WAITING_FOR } },
  }));
  await until(() => isLeft);
  deepStrictEqual([answers, answered], [["approve"], 0]);
  strictEqual(desk.left, "waiting");
  match(
    terminal.text("stderr"),
    /waiting approve\n.*role runner.*stigmer execution approve/s,
  );
});

Deno.test("a look that fails once is not the last one", async () => {
  const context = await fakeContext("-q");
  const { clock } = context.host;
  const home = await Deno.makeTempDir({ prefix: "stigmer-desk-" });
  await using _home = {
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
  await using backend = await openBackend({ home, execute: "none" });
  let looks = 0;
  const client: BackendClient = {
    ...backend.client,
    getExecution: () =>
      ++looks === 1
        ? Promise.reject(new ConnectError("It restarts", Code.Unavailable))
        : Promise.resolve(
          create(GetExecutionResponseSchema, { execution: EXECUTION }),
        ),
  };
  let isLeft = false;
  await using desk = openQuestionDesk(context, client, {
    id: ID,
    owned: true,
    hold() {},
    answered() {},
    leave: () => void (isLeft = true),
    signal: new AbortController().signal,
  });
  desk.take(create(ExecutionEventSchema, {
    type: Type.EXECUTION_WAITING,
    data: { kind: { case: "stringValue", value: WAITING_FOR } },
  }));
  await until(() => looks > 0 && clock.nextTimerAtMs() !== undefined);
  clock.advance((clock.nextTimerAtMs() ?? 0) - clock.now());
  await until(() => isLeft);
  strictEqual(desk.left, "waiting");
});
