import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { denoDirectory } from "../deno_dir.ts";
import {
  missingForSession,
  runInSession,
  type SessionOptions,
} from "./session.ts";

const PROGRAM = fileURLToPath(new URL("./session_program.ts", import.meta.url));
const KEY = crypto.getRandomValues(new Uint8Array(32)).toBase64();

const missing = await missingForSession();
if (missing.length > 0) {
  console.error(
    `SKIPPED: the real keychain is not tested, missing: ${missing.join(", ")}`,
  );
}

function test(claim: string, body: (home: string) => Promise<void>): void {
  Deno.test({
    name: `real keyring: ${claim}`,
    ignore: missing.length > 0,
    async fn() {
      const home = await Deno.makeTempDir({ prefix: "stigmer-keyring-" });
      try {
        await body(home);
      } finally {
        await Deno.remove(home, { recursive: true });
      }
    },
  });
}

/** Does some things one after another in one session. */
async function inSession(
  verbs: readonly string[],
  options: SessionOptions,
): Promise<readonly unknown[]> {
  const lines = verbs.map((verb) =>
    `printf '%s' "$KEY" | "${Deno.execPath()}" run -A "${PROGRAM}" ${verb}`
  );
  const { stdout, stderr } = await runInSession(lines.join("\n"), {
    ...options,
    env: { KEY },
  });
  const answers = stdout.trim().split("\n");
  strictEqual(answers.length, verbs.length, stderr);
  return answers.map((line) => JSON.parse(line));
}

test("a key goes round and is there in the next session", async (home) => {
  const [usable, before, written, read] = await inSession(
    ["probe", "read", "write", "read"],
    { home, unlocked: true },
  );
  deepStrictEqual(usable, { usable: true });
  strictEqual(before, "not there");
  match(JSON.stringify(written), /item \\"stigmer\/key-of-the-test\\"/);
  strictEqual(read, KEY);
  deepStrictEqual(
    await inSession(["read", "remove", "read", "remove"], {
      home,
      unlocked: true,
    }),
    [KEY, "done", "not there", "done"],
  );
});

test("items of other people go round, whatever they are called", async (home) => {
  const answers = await inSession(["'odd item'"], { home, unlocked: true });
  deepStrictEqual(answers, ["the same"]);
});

test("a locked keyring is told apart from a missing key", async (home) => {
  await inSession(["write"], { home, unlocked: true });
  const [usable, read] = await inSession(["probe", "read"], {
    home,
    unlocked: false,
  });
  match(
    JSON.stringify(usable),
    /"usable":false,"why":"the keychain says: .*lock/,
  );
  match(
    JSON.stringify(read),
    /"UNAVAILABLE","message":"the keychain is locked/,
  );
  deepStrictEqual(await inSession(["read"], { home, unlocked: true }), [KEY]);
});

test("a keyring that was never made is not usable, and nothing hangs", async (home) => {
  const [usable, read] = await inSession(["probe", "read"], {
    home,
    unlocked: false,
  });
  match(JSON.stringify(usable), /"usable":false/);
  strictEqual(read, "not there");
});

test("without a session nothing is asked and no bus is started", async (home) => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", PROGRAM, "probe"],
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      DENO_DIR: denoDirectory(),
      HOME: home,
    },
  }).output();
  deepStrictEqual(JSON.parse(new TextDecoder().decode(stdout)), {
    usable: false,
    why: "there is no desktop session to ask",
  });
  const left: string[] = [];
  for await (const { name } of Deno.readDir(home)) left.push(name);
  strictEqual(left.includes(".dbus"), false);
});
