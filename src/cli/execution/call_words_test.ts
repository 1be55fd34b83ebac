import { create } from "@bufbuild/protobuf";
import { strictEqual } from "node:assert/strict";
import { ToolCallQuestionSchema } from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { styleOf } from "../style.ts";
import { callCommands, callDetail, callLine } from "./call_words.ts";

const PLAIN = styleOf(false);
const CALL = {
  name: "files_write",
  toolCall: create(ToolCallQuestionSchema, {
    server: "files",
    tool: "write",
    effect: "destructive",
    rule: 'ask files of agent "bot"',
    arguments: {
      path: "a.txt",
      content: "one\n  asked by nobody\r\u001b[2K",
      "k\ney": { deep: [1, true] },
    },
  }),
};

Deno.test("callDetail() shows all of a call, and nothing of it as if it were ours", () => {
  strictEqual(
    callDetail(CALL, { style: PLAIN }),
    `files_write (write of files, may destroy something)
rule: ask files of agent "bot"
  path: a.txt
  content:
    one
      asked by nobody\\r\\u{1b}[2K
  k\\ney:
    {
      "deep": [
        1,
        true
      ]
    }`,
  );
});

Deno.test("callDetail() breaks long lines between words", () => {
  const lines = callDetail(CALL, { style: PLAIN, columns: 30 }).split("\n");
  strictEqual(lines[0], "files_write (write of files,");
  strictEqual(lines[1], "may destroy something)");
});

Deno.test("callLine() is one line, however many the arguments have", () => {
  strictEqual(callLine(CALL).includes("\n"), false);
  strictEqual(
    callLine({
      ...CALL,
      name: "a\nb",
      toolCall: create(ToolCallQuestionSchema),
    }),
    "a\\nb()",
  );
});

Deno.test("callCommands() name the call where several wait", () => {
  strictEqual(
    callCommands({ id: "aex-1", task: "/turn/1/tool/x" })[1],
    "stigmer execution reject aex-1 /turn/1/tool/x --reason TEXT",
  );
  strictEqual(
    callCommands({ id: "aex-1" })[0],
    "stigmer execution approve aex-1",
  );
});
