import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { type FakeHost, fakeHost, type FakeHostOptions } from "../host/fake.ts";
import type { FakeProgram } from "../host/fake_processes.ts";
import { type Credentials, openCredentials } from "./credentials.ts";

const HOME = "/home/user/.stigmer";
const FILE = `${HOME}/credentials.yaml`;
const SECRET_TOOL = "/usr/bin/secret-tool";
const ONE = "https://one.example.com";
const TWO = 'unix:/run/two "and" \\ half.sock';

interface Opened {
  readonly host: FakeHost;
  readonly credentials: Credentials;
}

function open(options: FakeHostOptions = {}): Opened {
  const host = fakeHost(options);
  return { host, credentials: openCredentials(host, HOME) };
}

/** A machine with a keychain, and what is in it by account. */
function withKeychain(
  items: Map<string, string>,
  options: { readonly locked?: boolean } = {},
): FakeHostOptions {
  const program: FakeProgram = ({ args, stdin }) => {
    const account = args.at(-1) ?? "";
    if (options.locked) return { code: 1, stderr: "locked" };
    switch (args[0]) {
      case "store":
        items.set(account, stdin);
        return { code: 0 };
      case "clear":
        items.delete(account);
        return { code: 0 };
      case "lookup": {
        const stdout = items.get(account);
        return stdout === undefined ? { code: 1 } : { code: 0, stdout };
      }
      default:
        return { code: 0, stdout: items.has(account) ? "found" : "" };
    }
  };
  return {
    env: { DBUS_SESSION_BUS_ADDRESS: "unix:path=/bus" },
    files: { [SECRET_TOOL]: "" },
    programs: { [SECRET_TOOL]: program },
  };
}

Deno.test("openCredentials() keeps tokens in a file where there is no keychain", async () => {
  const { host, credentials } = open();
  strictEqual(await credentials.find(ONE), undefined);
  const kept = await credentials.keep(ONE, "stg_one");
  strictEqual(kept.place, "file");
  strictEqual(kept.why?.includes("secret-tool"), true);
  await credentials.keep(TWO, "stg_two");
  await credentials.keep(ONE, "stg_newer");
  strictEqual(host.files.stat(FILE)?.mode, 0o600);
  deepStrictEqual(await credentials.find(ONE), {
    text: "stg_newer",
    place: "file",
  });
  deepStrictEqual(await credentials.endpointsInFile(), [ONE, TWO]);
  strictEqual((await credentials.find(TWO))?.text, "stg_two");
  strictEqual(await credentials.forget(ONE), true);
  strictEqual(await credentials.forget(ONE), false);
  strictEqual(await credentials.forget(TWO), true);
  strictEqual(host.files.stat(FILE), undefined);
});

Deno.test("openCredentials() keeps tokens in the keychain, and none of before in the file", async () => {
  const items = new Map<string, string>();
  const { host, credentials } = open(withKeychain(items));
  await host.files.writeAtomic(FILE, `"${ONE}": "stg_old"\n`, { mode: 0o600 });
  strictEqual((await credentials.find(ONE))?.text, "stg_old");
  deepStrictEqual(await credentials.keep(ONE, "stg_one"), {
    place: "keychain",
  });
  strictEqual(host.files.stat(FILE), undefined);
  deepStrictEqual([...items], [[ONE, "stg_one"]]);
  deepStrictEqual(await credentials.find(ONE), {
    text: "stg_one",
    place: "keychain",
  });
  strictEqual(await credentials.forget(ONE), true);
  strictEqual(items.size, 0);
  strictEqual(await credentials.forget(ONE), false);
});

Deno.test("openCredentials() says that a keychain is locked rather than go without", async () => {
  const { credentials } = open(withKeychain(new Map(), { locked: true }));
  await rejects(credentials.find(ONE), /the keychain says: locked/);
  const kept = await credentials.keep(ONE, "stg_one");
  deepStrictEqual(kept, { place: "file", why: "the keychain says: locked" });
  strictEqual((await credentials.find(ONE))?.text, "stg_one");
});

Deno.test("openCredentials() leaves a keychain alone that is not to be used", async () => {
  const items = new Map([[ONE, "stg_in_keychain"]]);
  const options = withKeychain(items);
  const { credentials } = open({
    ...options,
    env: { ...options.env, STIGMER_KEY_SOURCE: "key-file" },
  });
  strictEqual(await credentials.find(ONE), undefined);
  strictEqual((await credentials.keep(ONE, "stg_one")).place, "file");
});

Deno.test("openCredentials() refuses a file that is open to others, or damaged", async () => {
  const cases: readonly (readonly [string, number, RegExp])[] = [
    [`"${ONE}": "stg_one"\n`, 0o644, /can be read by others/],
    [`"${ONE}": stg_one\n`, 0o600, /is damaged in line 1$/],
    [`# fine\n\n${ONE}\n`, 0o600, /is damaged in line 3$/],
  ];
  for (const [text, mode, message] of cases) {
    const { host, credentials } = open();
    await host.files.writeAtomic(FILE, text, { mode });
    await rejects(credentials.find(ONE), message);
    await rejects(credentials.keep(TWO, "stg_two"), message);
    // Nothing of what was there is lost.
    strictEqual(await host.files.readText(FILE), text);
  }
});
