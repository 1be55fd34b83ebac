import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import type { Needs } from "./command.ts";
import { fakeContext } from "./fake_context.ts";
import { giveUpRest, keptFor } from "./permissions.ts";

const SERVER = "--endpoint https://stigmer.example";

/** What a command keeps with these flags and variables, as words. */
async function kept(
  needs: Needs,
  line = "",
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { host, settings } = await fakeContext(line, { env });
  return (await keptFor(host, settings, needs)).join(" ");
}

Deno.test("keptFor() leaves each command what it needs on this machine", async () => {
  const cases: readonly (readonly [Needs, string])[] = [
    ["reading", "read env"],
    ["writing", "read env write"],
    ["backend", "read write env sys"],
    ["secrets", "read write env sys run"],
    ["executions", "read write net env run sys"],
    ["machine", "read write net env run sys"],
    ["everything", "read write net env run sys ffi import"],
  ];
  for (const [needs, words] of cases) strictEqual(await kept(needs), words);
});

Deno.test("keptFor() keeps the network with a server, and programs for the keychain", async () => {
  const calls = "read write net env";
  const sources:
    readonly (readonly [Readonly<Record<string, string>>, string])[] = [
      [{}, `${calls} run`],
      [{ STIGMER_KEY_SOURCE: "keychain" }, `${calls} run`],
      [{ STIGMER_KEY_SOURCE: "key-file" }, calls],
      [{ STIGMER_TOKEN: "stg_a" }, calls],
      [{ STIGMER_TOKEN_FILE: "/token" }, calls],
    ];
  for (const [env, words] of sources) {
    for (const needs of ["backend", "secrets"] as const) {
      strictEqual(await kept(needs, SERVER, env), words, needs);
    }
    // Of an offer at a socket it is asked whose the folder is.
    const offering = words.replace(calls, `${calls} sys`);
    strictEqual(await kept("executions", SERVER, env), offering);
  }
  strictEqual(await kept("reading", SERVER), "read env");
  strictEqual(await kept("machine", SERVER), "read write net env run sys");
  strictEqual(
    await kept("backend", `${SERVER} --backend local`),
    "read write env sys",
  );
});

Deno.test("keptFor() leaves a command that cannot choose a backend to say so", async () => {
  const { host, settings } = await fakeContext("");
  const byKey = new Map(settings.byKey);
  byKey.set("backend.context", { value: "nowhere", origin: "config" });
  strictEqual(
    (await keptFor(host, { ...settings, byKey, mayBeCloud: true }, "backend"))
      .join(" "),
    "read write env sys",
  );
});

Deno.test("keptFor() keeps the loading of a library where the driver is one", async () => {
  const { host, settings } = await fakeContext("");
  const byKey = new Map(settings.byKey);
  byKey.set("backend.local.driver", { value: "ffi", origin: "config" });
  const words = async (needs: Needs): Promise<string> =>
    (await keptFor(host, { ...settings, byKey }, needs)).join(" ");
  strictEqual(await words("backend"), "read write env sys ffi");
  strictEqual(await words("machine"), "read write net env run sys ffi");
  strictEqual(await words("reading"), "read env");
});

Deno.test("giveUpRest() gives up the rest, and all but the backend by default", async () => {
  const { settings } = await fakeContext("");
  const host = fakeHost();
  await giveUpRest(host, settings);
  deepStrictEqual(host.permissions.givenUp, ["net", "run", "ffi", "import"]);
  const other = fakeHost();
  await giveUpRest(other, settings, { needs: "everything" });
  deepStrictEqual(other.permissions.givenUp, []);
});
