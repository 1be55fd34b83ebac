import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { fakeContext } from "./fake_context.ts";

Deno.test("nothing is drawn with --no-tty, in a dumb terminal and in continuous integration", async () => {
  const check = async (
    line: string,
    env: Readonly<Record<string, string>>,
    expected: Readonly<Record<string, unknown>>,
  ): Promise<void> => {
    const { io } = await fakeContext(line, { columns: 80, env });
    const { live, piecemeal, columns } = io;
    const found = { live, piecemeal, columns, color: io.err.color };
    deepStrictEqual(found, expected, `${line} ${JSON.stringify(env)}`);
  };
  const terminal = { live: true, piecemeal: true, columns: 80, color: true };
  await check("", {}, terminal);
  await check("", { CI: "false" }, terminal);
  await check("", { CI: "true" }, { ...terminal, live: false });
  await check("", { TERM: "dumb" }, { ...terminal, live: false, color: false });
  await check("", { NO_COLOR: "1" }, { ...terminal, color: false });
  const pipe = {
    live: false,
    piecemeal: false,
    columns: undefined,
    color: false,
  };
  await check("--no-tty", {}, pipe);
  await check("--no-tty --color always", {}, { ...pipe, color: true });
});

Deno.test("data steers no terminal, and stays as it is in a pipe", async () => {
  const text = JSON.stringify("a\u009b31m\x7f\n");
  const shown = await fakeContext("", { columns: 80 });
  shown.io.data(text);
  const printed = shown.host.terminal.text("stdout");
  strictEqual(printed, '"a\\u009b31m\\u007f\\n"\n');
  deepStrictEqual(JSON.parse(printed), JSON.parse(text));
  const piped = await fakeContext("");
  piped.io.data(text);
  strictEqual(piped.host.terminal.text("stdout"), `${text}\n`);
});
