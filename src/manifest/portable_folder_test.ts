import assert from "node:assert/strict";
import { isSafePath, listText, pathOf, readList } from "./portable_folder.ts";

const HEAD = { format: 1, secrets: "sealed", withHistory: true } as const;

Deno.test("pathOf() names a file for each kind", () => {
  const cases = [
    ["Environment", "prod", false, "environments/prod.yaml"],
    ["AgentInstance", "bot-1", false, "agent-instances/bot-1.yaml"],
    ["Schedule", "nightly", false, "schedules/nightly.yaml"],
    // A folder that is written here is read on Windows, too.
    ["Agent", "con", false, "agents/con_.yaml"],
    ["Agent", "com1", false, "agents/com1_.yaml"],
    ["Agent", "console", false, "agents/console.yaml"],
    ["ResourceVersion", "ver-1", true, "history/resource-versions/ver-1.json"],
    ["Journal", "wex-1/0001", true, "history/journals/wex-1%2F0001.json"],
  ] as const;
  for (const [kind, name, isHistory, path] of cases) {
    assert.equal(pathOf({ kind, name }, isHistory), path);
  }
});

Deno.test("no name leads out of the folder", () => {
  const names = ["..", ".", "", "../x", "a/b", "a\\b", "/etc/x", "C:x", "A B"];
  for (const name of names) {
    assert.equal(pathOf({ kind: "Agent", name }, false), undefined, name);
  }
  for (const name of ["..", ".", "", "../../x", "\\x", "x".repeat(300)]) {
    const path = pathOf({ kind: "Journal", name }, true);
    assert.ok(
      path === undefined || /^history\/journals\/[^./][^/]*$/.test(path),
      name,
    );
  }
  for (
    const path of [
      "../a.yaml",
      "/a/b.yaml",
      "a/../b.yaml",
      "a/.b.yaml",
      "a\\b.yaml",
      "a.yaml",
    ]
  ) {
    assert.ok(!isSafePath(path), path);
  }
});

Deno.test("readList() reads what listText() writes, and nothing else", () => {
  const files = new Map([["agents/a.yaml", "1"], ["skills/b.yaml", "2"]]);
  const list = { head: HEAD, files };
  assert.deepEqual(readList(listText(list)), list);
  assert.deepEqual(
    readList(listText({ head: HEAD, files: new Map() }))?.files.size,
    0,
  );
  const bad = ["", "{}", "[]", listText(list).replace("agents/", "../"), "{"];
  for (const text of bad) assert.equal(readList(text), undefined, text);
});
