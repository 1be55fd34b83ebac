import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { fakeHost, type FakeHostOptions } from "../host/fake.ts";
import type { FakeRun } from "../host/fake_processes.ts";
import { openBrowser } from "./browser.ts";

const PAGE = new URL("https://example.com/login?a=1&b=%22x y%22&c=$(id)");

/** Opens a page; gives what was started for it, by what it was told. */
async function opened(
  command: string,
  options: FakeHostOptions,
): Promise<Pick<FakeRun, "command" | "args" | "env"> | undefined> {
  const run = Promise.withResolvers<FakeRun>();
  const host = fakeHost({
    ...options,
    programs: {
      [command]: (it) => {
        run.resolve(it);
        return { code: 0 };
      },
    },
  });
  if (!openBrowser(host, PAGE)) return undefined;
  const { command: started, args, env } = await run.promise;
  return { command: started, args, env };
}

Deno.test("a page is opened by the system's own program, as one argument", async () => {
  const cases = [
    ["linux", "/usr/bin/xdg-open", []],
    ["darwin", "/usr/bin/open", []],
    [
      "windows",
      "D:\\WINNT\\System32\\rundll32.exe",
      ["url.dll,FileProtocolHandler"],
    ],
  ] as const;
  for (const [os, command, words] of cases) {
    const env = { DISPLAY: ":0", SystemRoot: "D:\\WINNT", TOKEN: "secret" };
    deepStrictEqual(await opened(command, { os, env }), {
      command,
      args: [...words, PAGE.href],
      env: { DISPLAY: ":0" },
    });
    // No space, and no quote: nothing of it has to be quoted for a line.
    strictEqual(/[\s"]/.test(PAGE.href), false);
  }
});

Deno.test("without a desktop or an opener nothing is started", async () => {
  strictEqual(await opened("/usr/bin/xdg-open", { os: "linux" }), undefined);
  for (const os of ["linux", "darwin", "windows"] as const) {
    const env = { DISPLAY: ":0" };
    strictEqual(await opened("/usr/bin/other", { os, env }), undefined);
  }
});
