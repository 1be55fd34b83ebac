import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { pick } from "../cli/program.ts";
import { denoDirectory } from "../deno_dir.ts";
import {
  missingForSession,
  runInSession,
  type SessionOptions,
  type SessionResult,
} from "./session.ts";
import { PROGRAM_ARGS, STIGMER_FUNCTION } from "../stigmer_program.ts";

const missing = await missingForSession();

/** What the program knows of its key. */
interface Known {
  readonly code: number;
  readonly status: Readonly<Record<string, unknown>>;
}

function test(claim: string, body: (home: string) => Promise<void>): void {
  Deno.test({
    name: `real keyring and program: ${claim}`,
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

/** Runs a script in which `stigmer` is the program. */
function inSession(
  script: string,
  options: SessionOptions,
): Promise<SessionResult> {
  return runInSession(`${STIGMER_FUNCTION}\n${script}`, options);
}

async function statusIn(options: SessionOptions): Promise<Known> {
  const { code, stdout, stderr } = await inSession(
    "stigmer secrets status -o json",
    options,
  );
  strictEqual(stdout.startsWith("{"), true, stderr);
  return { code, status: JSON.parse(stdout) };
}

async function hasKeyFile(home: string): Promise<boolean> {
  return await Deno.stat(`${home}/.stigmer/master.key`)
    .then(() => true, () => false);
}

test("the key goes into the keychain and is there at the next login", async (home) => {
  const made = await inSession("stigmer init", { home, unlocked: true });
  strictEqual(made.code, 0, made.stderr);
  match(
    made.stderr,
    /Made master key key-.*, which seals secrets, in keychain/,
  );
  strictEqual(await hasKeyFile(home), false);
  const { code, status } = await statusIn({ home, unlocked: true });
  deepStrictEqual([code, status.source, status.usable], [0, "keychain", true]);
});

test("a locked keychain, or none, is said, and gets no other key in its place", async (home) => {
  await inSession("stigmer init", { home, unlocked: true });
  const locked = await statusIn({ home, unlocked: false });
  deepStrictEqual([locked.code, locked.status.usable], [1, false]);
  match(String(locked.status.problem), /the keychain: the keychain is locked/);
  const outside = await new Deno.Command(Deno.execPath(), {
    args: [...PROGRAM_ARGS, "init"],
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      DENO_DIR: denoDirectory(),
      HOME: home,
    },
  }).output();
  strictEqual(outside.code, 1);
  match(new TextDecoder().decode(outside.stderr), /no desktop session to ask/);
  strictEqual(await hasKeyFile(home), false);
  const again = await statusIn({ home, unlocked: true });
  strictEqual(again.status.usable, true);
  strictEqual(again.status.keyId, locked.status.keyId);
});

test("commands that make the first key at once leave one item", async (home) => {
  const { code, stdout, stderr } = await inSession(
    `for i in 1 2 3 4; do stigmer init -o json > "$HOME/$i.json" & done; wait
     secret-tool search --all service stigmer 2>&1 | grep -c '^attribute.account'`,
    { home, unlocked: true },
  );
  strictEqual(code, 0, stderr);
  strictEqual(stdout.trim(), "1");
  const ids = [1, 2, 3, 4].map((it) =>
    pick(JSON.parse(Deno.readTextFileSync(`${home}/${it}.json`)), "vault.keyId")
  );
  strictEqual(new Set(ids).size, 1);
});

test("the key moves from a file to the keychain and back by a rotation", async (home) => {
  const { code, stderr } = await inSession(
    `set -e
     stigmer init --key-source key-file
     stigmer secrets rotate --source keychain --forget-old
     grep -c '^key-' "$HOME/.stigmer/master.key" && exit 9
     stigmer secrets status -o json > "$HOME/in_keychain.json"
     stigmer secrets rotate --source key-file --forget-old
     test -z "$(secret-tool search --all service stigmer 2>/dev/null)"
     stigmer secrets status -o json > "$HOME/in_file.json"`,
    { home, unlocked: true },
  );
  strictEqual(code, 0, stderr);
  const read = (name: string) =>
    JSON.parse(Deno.readTextFileSync(`${home}/${name}.json`));
  deepStrictEqual(
    [read("in_keychain").source, read("in_keychain").usable],
    ["keychain", true],
  );
  deepStrictEqual(
    [read("in_file").source, read("in_file").usable],
    ["key-file", true],
  );
});
