import { create } from "@bufbuild/protobuf";
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { ToolCallQuestionSchema } from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { styleOf } from "../style.ts";
import {
  callCommands,
  callDetail,
  callGlance,
  callLine,
} from "./call_words.ts";

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
  // Some endpoints let a model name its calls.
  strictEqual(
    callCommands({ id: "aex-1", task: "/turn/1/tool/x; rm -rf ~" })[0],
    "stigmer execution approve aex-1 '/turn/1/tool/x; rm -rf ~'",
  );
  strictEqual(
    callCommands({ id: "aex-1" })[0],
    "stigmer execution approve aex-1",
  );
});

/** A glance at a call with these arguments, without its head. */
function glance(
  args: Record<string, string>,
  columns = 40,
): { readonly lines: readonly string[]; readonly isWhole: boolean } {
  const toolCall = create(ToolCallQuestionSchema, { arguments: args });
  const look = { style: PLAIN, columns };
  const { text, isWhole } = callGlance({ name: "write", toolCall }, look);
  return { lines: text.split("\n").slice(2), isWhole };
}

Deno.test("callGlance() is all of a call that is short", () => {
  const look = { style: PLAIN, columns: 80 };
  deepStrictEqual(callGlance(CALL, look), {
    text: callDetail(CALL, look),
    isWhole: true,
  });
});

Deno.test("callGlance() says what is missing of long arguments, and hides no short one", () => {
  const content = Array.from({ length: 40 }, (_, i) => `${i}`).join("\n");
  const { lines, isWhole } = glance({ content, path: "a.txt" });
  deepStrictEqual(lines.slice(-3), [
    "    14",
    `    [${content.length - 34} more characters]`,
    "  path: a.txt",
  ]);
  strictEqual(isWhole, false);
  const wide = glance({ content: "x".repeat(2000) });
  deepStrictEqual(wide.lines.slice(1), [
    `  ${"x".repeat(36 * 16 - 1)}…`,
    "    [1,425 more characters]",
  ]);
});

Deno.test("callGlance() says that there are more arguments, and that a name is cut", () => {
  const many = Object.fromEntries(
    Array.from({ length: 11 }, (_, i) => [`key${i}`, "v"]),
  );
  const { lines, isWhole } = glance(many);
  deepStrictEqual(lines.slice(-2), ["  key9: v", "  [1 more argument]"]);
  strictEqual(isWhole, false);
  const named = glance({ ["k".repeat(100)]: "v" }, 80);
  strictEqual(named.lines[0], `  ${"k".repeat(39)}…: v`);
  strictEqual(named.isWhole, false);
});

Deno.test("callDetail() names the agent where that is another one", () => {
  const lines = callDetail({ ...CALL, agent: "c\nlerk" }, { style: PLAIN })
    .split("\n");
  strictEqual(lines[1], "agent: c\\nlerk");
});
