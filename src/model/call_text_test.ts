import assert from "node:assert/strict";
import { callText } from "./call_text.ts";

Deno.test("callText() says what is called with what, in one short line", () => {
  const cases = [
    [{}, "echo()"],
    [{ message: "hi", times: 2 }, "echo(message=hi, times=2)"],
    [{ text: "a b\n", of: ["x"] }, 'echo(text="a b\\n", of=["x"])'],
    [{ path: "src/a.ts", empty: "" }, 'echo(path=src/a.ts, empty="")'],
    [
      { text: "a\u202eb\u001b", "\u200b": "\u3164" },
      'echo(text="a\\u{202e}b\\u001b", \\u{200b}=\\u{3164})',
    ],
  ] as const;
  for (const [args, text] of cases) assert.equal(callText("echo", args), text);
  const long = callText("echo", { text: "🙂".repeat(200) });
  assert.equal(long.length, 160);
  assert.ok(long.isWellFormed() && long.endsWith("…"));
});
