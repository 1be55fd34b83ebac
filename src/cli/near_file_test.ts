import { deepStrictEqual } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { nearFileHints } from "./near_file.ts";

Deno.test("nearFileHints() finds the same name with another ending, else a near one", async () => {
  const host = fakeHost({
    files: {
      "/m/hello.yaml": "",
      "/m/data.json": "",
      "/m/report.md": "",
      "/home/user/flow.yml": "",
    },
  });
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["/m/hello.yml", "/m/hello.yaml"],
    ["/m/data.yaml", "/m/data.json"],
    ["/m/helo.yaml", "/m/hello.yaml"],
    ["/m/reprot.md", "/m/report.md"],
    // As it was typed, whatever the folder.
    ["flow.yaml", "flow.yml"],
    ["./flow.yaml", "./flow.yml"],
    ["/m/unlike.yaml", undefined],
    ["/m/other.yaml", undefined],
    ["/none/hello.yaml", undefined],
    ["/m/", undefined],
  ];
  for (const [path, expected] of cases) {
    const hints = await nearFileHints(host, path);
    const hint = expected === undefined ? [] : [`Did you mean "${expected}"?`];
    deepStrictEqual(hints, hint, path);
  }
});
