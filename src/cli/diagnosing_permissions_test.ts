import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { FakeGrants } from "../host/fake_permissions.ts";
import { showPermissions } from "./diagnosing_permissions.ts";
import { fakeContext } from "./fake_context.ts";
import { NOUNS, ROOT_VERBS } from "./tree.ts";

async function shown(
  line: string,
  permissions: FakeGrants = {},
): Promise<string> {
  const context = await fakeContext(line, { permissions });
  strictEqual(await showPermissions(context), "ok");
  return context.host.terminal.text("stdout");
}

Deno.test("showPermissions() shows all, scopes and nothing as what they are", async () => {
  const text = await shown("", {
    read: ["/home/user/.stigmer"],
    write: [],
    net: ["127.0.0.1", "elsewhere"],
    env: "all",
    run: ["git", "sh"],
    sys: ["hostname", "statfs"],
    ffi: [],
    import: [],
  });
  strictEqual(
    text.slice(0, text.indexOf("\n\n")),
    `PERMISSION  HELD
read        /home/user/.stigmer
write       nothing that Stigmer uses
net         127.0.0.1
env         everything
run         sh, git
sys         hostname, statfs
ffi         nothing that Stigmer uses
import      nothing that Stigmer uses`,
  );
  match(
    text,
    /\nWhat commands keep of that and give up the rest, with the database of this machine:\n/,
  );
  match(text, /\nnothing\n {2}--help, --version\n/);
  match(
    text,
    /\nread, write, env, sys \(backend\)\n {2}get, delete, .*agent list, /,
  );
});

Deno.test("showPermissions() names every command once, with what it keeps and gives up", async () => {
  const { permissions, commands } = JSON.parse(await shown("-o json"));
  strictEqual(permissions.length, 8);
  deepStrictEqual(permissions[0], { name: "read", held: "all", scopes: [] });
  const nouns = Object.entries(NOUNS).flatMap(([noun, { verbs }]) =>
    Object.keys(verbs).map((verb) => `${noun} ${verb}`)
  );
  const roots = Object.entries(ROOT_VERBS)
    .filter(([, { hidden }]) => hidden !== true).map(([name]) => name);
  const names: string[] = commands.map((it: { command: string }) => it.command);
  deepStrictEqual(
    names.toSorted(),
    ["--help", "--version", ...roots, ...nouns].toSorted(),
  );
  for (const { command, keeps, givesUp } of commands) {
    strictEqual(new Set([...keeps, ...givesUp]).size, 8, command);
    strictEqual(keeps.length + givesUp.length, 8, command);
    ok(command === "doctor" || givesUp.includes("import"), command);
  }
  const list = commands.find((it: { command: string }) =>
    it.command === "agent list"
  );
  deepStrictEqual(list, {
    command: "agent list",
    needs: "backend",
    keeps: ["read", "write", "env", "sys"],
    givesUp: ["net", "run", "ffi", "import"],
  });
});

Deno.test("showPermissions() says what a server leaves to commands", async () => {
  const line = "--endpoint https://stigmer.example --quiet";
  const text = await shown(line, { net: ["stigmer.example"] });
  match(text, /\nnet +stigmer\.example\n/);
  match(
    text,
    /What commands keep of that and give up the rest, with https:\/\/stigmer\.example:/,
  );
  match(text, /\nread, write, net, env, run \(backend\)\n {2}get, /);
});

Deno.test("showPermissions() names what is held, one a line", async () => {
  strictEqual(
    await shown("-o name", { net: [], run: [], ffi: [], import: [] }),
    "read\nwrite\nenv\nsys\n",
  );
});
