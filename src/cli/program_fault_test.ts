import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { programFault } from "./program_fault.ts";

const OWN = "file:///opt/stigmer/";

Deno.test("a builder's error is told as such, with its hints, at the script's line", () => {
  const stderr = `
=== hints of stigmer ===["Write \\"10s\\""]
error: Uncaught (in promise) StigmerError: Cannot read 5 as a length of time
  return new StigmerError("INVALID_ARGUMENT", message, options);
         ^
    at invalidArgument (file:///opt/stigmer/src/model/error.ts:109:10)
    at wait (file:///opt/stigmer/src/sdk/tasks.ts:35:25)
    at file:///home/ada/s.ts:3:13
`;
  deepStrictEqual(programFault(stderr, OWN), {
    text:
      "Cannot read 5 as a length of time\n    at file:///home/ada/s.ts:3:13",
    hints: ['Write "10s"'],
  });
});

Deno.test("an error of the script keeps its line, and has no hint about rights", () => {
  const stderr = `error: Uncaught (in promise) Error: boom
throw new Error("boom");
      ^
    at file:///home/ada/s.ts:1:7
`;
  deepStrictEqual(programFault(stderr, OWN), {
    text: 'Error: boom\nthrow new Error("boom");\n      ^\n' +
      "    at file:///home/ada/s.ts:1:7",
    hints: [],
  });
});

Deno.test("one that asks for a permission is told where that belongs", () => {
  const stderr =
    `error: Uncaught (in promise) NotCapable: Requires env access to "H", run again with the --allow-env flag
    env: { get: (name) => Deno.env.get(name) },
                                   ^
    at Object.getEnv [as get] (ext:deno_os/30_os.js:1:1291)
    at execute (https://jsr.io/@stigmer/cli/0.2.0/src/sdk/execute.ts:9:9)
    at file:///home/ada/s.ts:4:9
`;
  const { text, hints = [] } = programFault(stderr, undefined) ?? {};
  strictEqual(
    text,
    'NotCapable: Requires env access to "H"\n    at file:///home/ada/s.ts:4:9',
  );
  match(hints[0] ?? "", /if \(import\.meta\.main\)/);
});

Deno.test("where nothing is said of an error there is none to tell", () => {
  strictEqual(programFault("Talk", OWN), undefined);
});
