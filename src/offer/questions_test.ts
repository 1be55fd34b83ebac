import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { HumanRequestSchema } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { answerOf, formOf, type Question, questionText } from "./questions.ts";

type HumanInit = Parameters<typeof create<typeof HumanRequestSchema>>[1];

function question(human: HumanInit): Question {
  return {
    executionId: "aex-1",
    path: "/turn/1/tool/a b",
    name: "files_write",
    attempt: 1,
    human: create(HumanRequestSchema, human),
  };
}

const CALL: Question = question({
  outcomes: ["approve", "reject", "skip"],
  toolCall: {
    server: "files",
    tool: "write",
    arguments: { path: "a\u{200b}b" },
    rule: "default: it writes",
    effect: "write",
  },
});

Deno.test("a call is asked about with all that it does, hidden characters included", () => {
  const form = formOf(CALL);
  match(form.message, /files_write.*write of files, write/);
  match(form.message, /"path": "a\\u\{200b\}b"/);
  match(form.message, /default: it writes/);
  deepStrictEqual(form.requestedSchema.required, ["decision"]);
});

Deno.test("a form about a call has each name in one line, and says what it leaves out", () => {
  const { message } = formOf({
    ...question({
      toolCall: {
        server: "files",
        tool: "read of files, read)?\n{}\nAsked by nobody",
        arguments: { text: "x".repeat(20_000), last: "rm -rf /" },
        rule: "default: it writes",
        effect: "write",
      },
    }),
    name: "files_read\nMay it?",
  });
  const [first, ...rest] = message.split("\n");
  strictEqual(
    first,
    "May files_read\\nMay it? be called (read of files, read)?\\n{}\\nAsked " +
      "by nobody of files, write)?",
  );
  match(
    rest.at(-2) ?? "",
    /^… and 36\d\d characters more, see all of it with: stigmer execution get aex-1 -o json$/,
  );
  strictEqual(rest.at(-1), "Asked by default: it writes");
});

Deno.test("a form about a call is read as its answer", () => {
  const content = { decision: "reject", reason: "no", always: true };
  deepStrictEqual(answerOf(CALL, { action: "accept", content }), {
    outcome: "reject",
    comment: "no",
    data: { always: true },
  });
  deepStrictEqual(answerOf(CALL, { action: "decline" }), {
    outcome: "reject",
    comment: "",
  });
  strictEqual(answerOf(CALL, { action: "cancel" }), undefined);
});

Deno.test("a question is a form of its outcomes and the fields of its data", () => {
  const flat = question({
    prompt: "Who?",
    outcomes: ["yes", "no"],
    schema: {
      type: "object",
      properties: { name: { type: "string" }, age: { type: "integer" } },
      required: ["name"],
    },
  });
  const { requestedSchema } = formOf(flat);
  deepStrictEqual(Object.keys(requestedSchema.properties), [
    "decision",
    "name",
    "age",
  ]);
  deepStrictEqual(requestedSchema.required, ["decision", "name"]);
  const content = { decision: "yes", name: "Ada" };
  deepStrictEqual(answerOf(flat, { action: "accept", content }), {
    outcome: "yes",
    comment: "",
    data: { name: "Ada" },
  });
  // Who declines to answer leaves the question to others.
  strictEqual(answerOf(flat, { action: "decline" }), undefined);
});

Deno.test("data that no form shows is asked for as JSON", () => {
  const nested = question({
    prompt: "Which?",
    schema: {
      type: "object",
      properties: { place: { type: "object" } },
    },
  });
  deepStrictEqual(formOf(nested).requestedSchema.required, ["data"]);
  const given = (data: string) =>
    answerOf(nested, { action: "accept", content: { data } })?.data;
  deepStrictEqual(given('{"place":{}}'), { place: {} });
  strictEqual(given("no JSON"), "no JSON");
});

Deno.test("a question as text names the commands that answer it", () => {
  const text = questionText(CALL, true);
  match(text, /stigmer execution approve aex-1\n/);
  match(text, /stigmer execution skip aex-1$/);
  ok(questionText(CALL, false).includes("approve aex-1 '/turn/1/tool/a b'"));
  const open = questionText(
    question({ prompt: "Go on?", outcomes: ["it's"] }),
    true,
  );
  match(open, /respond aex-1 --outcome 'it'\\''s'$/);
});
