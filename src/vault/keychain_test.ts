import {
  deepStrictEqual,
  match,
  rejects,
  strictEqual,
} from "node:assert/strict";
import { fakeHost, type FakeHostOptions } from "../host/fake.ts";
import type { FakeEnd, FakeProgram, FakeRun } from "../host/fake_processes.ts";
import { openKeychain } from "./keychain.ts";
import { keychainSource } from "./keychain_source.ts";
import type { KeySource } from "./key_source.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, index) => index * 7);
const SECRET = KEY.toBase64();
const POWERSHELL =
  "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe";

/** A keychain of a test, and every run of its program. */
interface Recorded {
  readonly items: Map<string, string>;
  readonly runs: FakeRun[];
  readonly options: FakeHostOptions;
}

/** Makes a machine whose keychain's program is a function over some items. */
function machine(
  os: "linux" | "darwin" | "windows",
  behave: (run: FakeRun, items: Map<string, string>) => FakeEnd,
): Recorded {
  const items = new Map<string, string>();
  const runs: FakeRun[] = [];
  const program: FakeProgram = (run) => {
    runs.push(run);
    return behave(run, items);
  };
  const path = os === "linux"
    ? "/usr/bin/secret-tool"
    : os === "darwin"
    ? "/usr/bin/security"
    : POWERSHELL;
  const options: FakeHostOptions = {
    os,
    env: {
      DBUS_SESSION_BUS_ADDRESS: "unix:path=/bus",
      HOME: "/home/user",
      SYSTEMROOT: "C:\\Windows",
      STIGMER_SECRET_A: "not for children",
    },
    files: { [path]: "" },
    programs: { [path]: program },
  };
  return { items, runs, options };
}

function attribute(args: readonly string[], name: string): string {
  return args[args.indexOf(name) + 1] ?? "";
}

const LINUX = (): Recorded =>
  machine("linux", ({ args, stdin }, items) => {
    const account = attribute(args, "account");
    const secret = items.get(account);
    if (args[0] === "store") {
      items.set(account, stdin);
      return { code: 0 };
    }
    if (args[0] === "clear") return { code: items.delete(account) ? 0 : 1 };
    if (args[0] === "lookup") {
      return secret === undefined ? { code: 1 } : { code: 0, stdout: secret };
    }
    return {
      code: 0,
      stdout: secret === undefined ? "" : `[/1]\nsecret = ${secret}\n`,
    };
  });

/** `security`, as far as it is used; its line is split as its parser does. */
const MACOS = (): Recorded =>
  machine("darwin", ({ args, stdin }, items) => {
    const words = args[0] === "-i"
      ? [...stdin.trim().matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((
        [, word = ""],
      ) => word.replace(/\\(.)/g, "$1"))
      : args;
    const account = attribute(words, "-a");
    const secret = items.get(account);
    switch (words[0]) {
      case "add-generic-password":
        items.set(account, attribute(words, "-w"));
        return { code: 0 };
      case "delete-generic-password":
        return { code: items.delete(account) ? 0 : 44 };
      default:
        return secret === undefined
          ? { code: 44, stderr: "security: The item could not be found\n" }
          : { code: 0, stderr: `password: "${secret}"\n` };
    }
  });

const WINDOWS = (): Recorded =>
  machine("windows", ({ stdin }, items) => {
    const ask = JSON.parse(stdin);
    if (ask.verb === "store") items.set(ask.account, ask.secret);
    if (ask.verb === "clear") items.delete(ask.account);
    if (ask.verb !== "lookup") return { code: 0 };
    const secret = items.get(ask.account);
    return secret === undefined
      ? { code: 44 }
      : { code: 0, stdout: btoa(secret) };
  });

function sourceOf(recorded: Recorded): KeySource {
  const host = fakeHost(recorded.options);
  return keychainSource(openKeychain(host), {
    random: host.random,
    databasePath: '/home/user/"odd"\\\nplace/stigmer.db',
  });
}

for (const [os, make] of Object.entries({ LINUX, MACOS, WINDOWS })) {
  Deno.test(`${os}: a key goes round, and neither it nor another secret is an argument or in the environment`, async () => {
    const recorded = make();
    const source = sourceOf(recorded);
    deepStrictEqual(await source.probe(), { usable: true });
    strictEqual(recorded.items.size, 0);
    strictEqual(await source.read("key-1"), undefined);
    const { location } = await source.write("key-1", KEY);
    match(location, /item "stigmer\/key-1"$/);
    strictEqual(recorded.items.get("key-1"), SECRET);
    deepStrictEqual(await source.read("key-1"), KEY);
    await source.remove("key-1");
    await source.remove("key-1");
    strictEqual(await source.read("key-1"), undefined);
    for (const { args, env, command } of recorded.runs) {
      const outside = JSON.stringify([args, env]);
      strictEqual(outside.includes(SECRET), false);
      strictEqual(outside.includes("not for children"), false);
      strictEqual(/^(\/|C:)/.test(command), true);
    }
    strictEqual(recorded.runs.some((it) => it.stdin.includes(SECRET)), true);
  });
}

Deno.test("LINUX: what is locked is not taken for what is not there", async () => {
  const recorded = machine(
    "linux",
    ({ args }) =>
      args[0] === "search"
        ? { code: 0, stdout: "[/1]\nlabel = x\n" }
        : { code: 1 },
  );
  const source = sourceOf(recorded);
  await rejects(source.read("key-1"), { code: "UNAVAILABLE" });
  await rejects(source.read("key-1"), /the keychain is locked/);
  deepStrictEqual((await source.probe()).usable, false);
});

Deno.test("LINUX: what a keychain was tried with does not stay in it", async () => {
  const kept = new Set<string>();
  const source = sourceOf(machine("linux", ({ args }) => {
    const account = attribute(args, "account");
    if (args[0] === "store") kept.add(account);
    if (args[0] === "clear") kept.delete(account);
    // It takes what it is given, and gives nothing back.
    return args[0] === "lookup"
      ? { code: 1, stderr: "secret-tool: it went away\n" }
      : { code: 0 };
  }));
  deepStrictEqual(await source.probe(), {
    usable: false,
    why: "the keychain says: it went away",
  });
  deepStrictEqual([...kept], []);
});

Deno.test("LINUX: without a session nothing is started", async () => {
  const recorded = LINUX();
  const host = fakeHost({
    ...recorded.options,
    env: { XDG_RUNTIME_DIR: "/run/user/1" },
  });
  const keychain = openKeychain(host);
  deepStrictEqual(keychain.reachable(), {
    usable: false,
    why: "there is no desktop session to ask",
  });
  await rejects(keychain.lookup({ service: "a", account: "b" }), {
    code: "UNAVAILABLE",
  });
  deepStrictEqual(recorded.runs, []);
});

Deno.test("LINUX: the session's bus is also found by its socket", () => {
  const { options } = LINUX();
  const host = fakeHost({
    ...options,
    env: { XDG_RUNTIME_DIR: "/run/user/1" },
    files: { "/run/user/1/bus": "" },
  });
  deepStrictEqual(openKeychain(host).reachable(), { usable: true });
});

Deno.test("LINUX: a keychain that asks and gets no answer is given up on", async () => {
  const host = fakeHost({
    os: "linux",
    env: { DBUS_SESSION_BUS_ADDRESS: "unix:path=/bus" },
    programs: {
      "/usr/bin/secret-tool": ({ signal }) =>
        new Promise((resolve) =>
          signal.addEventListener("abort", () => resolve({ code: 137 }))
        ),
    },
  });
  const looking = rejects(
    openKeychain(host).lookup({ service: "a", account: "b" }),
    /gave no answer within 5 s, it may be waiting for a password/,
  );
  strictEqual(host.clock.nextTimerAtMs(), host.clock.now() + 5000);
  host.clock.advance(5000);
  await looking;
  strictEqual(host.clock.nextTimerAtMs(), undefined);
});

Deno.test("MACOS: a secret in any writing is read as it is", async () => {
  const cases = [
    [`password: "plain \\134 text"`, "plain \\ text"],
    [`password: "with "quotes" in it"`, 'with "quotes" in it'],
    [`password: 0x677265C3BC6E0A  "gre\\303\\274n\\012"`, "greün\n"],
    [`password: `, ""],
  ] as const;
  for (const [line, secret] of cases) {
    const { options } = machine("darwin", () => ({
      code: 0,
      stdout: 'keychain: "login"\n',
      stderr: `${line}\n`,
    }));
    const keychain = openKeychain(fakeHost(options));
    strictEqual(await keychain.lookup({ service: "a", account: "b" }), secret);
  }
});

Deno.test("MACOS: a locked keychain is no missing key", async () => {
  const { options } = machine("darwin", () => ({
    code: 36,
    stderr: "security: SecKeychainItemCopyContent: " +
      "User interaction is not allowed.\n",
  }));
  await rejects(
    openKeychain(fakeHost(options)).lookup({ service: "a", account: "b" }),
    { code: "UNAVAILABLE", message: /User interaction is not allowed/ },
  );
});

Deno.test("MACOS: a keychain that says it kept a key and did not is found out", async () => {
  const source = sourceOf(machine("darwin", ({ args }) => ({
    code: args[0] === "-i" ? 0 : 44,
  })));
  await rejects(source.write("key-1", KEY), /did not keep master key "key-1"/);
  deepStrictEqual(await source.probe(), {
    usable: false,
    why: "what was put into it was not found again",
  });
});

Deno.test("WINDOWS: the script is one constant and says what went wrong", async () => {
  const recorded = machine("windows", () => ({
    code: 1,
    stdout: btoa("Access is denied."),
  }));
  const keychain = openKeychain(fakeHost(recorded.options));
  const item = { service: "a", account: "ü\n" };
  await rejects(keychain.lookup(item), /Locker says: Access is denied\./);
  await rejects(keychain.store({ ...item, label: "l" }, "s3cret"));
  const [first, second] = recorded.runs;
  deepStrictEqual(first?.args, second?.args);
  const encoded = Uint8Array.fromBase64(first?.args.at(-1) ?? "");
  const script = new TextDecoder("utf-16le").decode(encoded);
  match(script, /PasswordVault/);
  // Whatever the code page: all of it is ASCII.
  strictEqual(/^[\x20-\x7e]*$/.test(second?.stdin ?? ""), true);
  deepStrictEqual(JSON.parse(second?.stdin ?? ""), {
    verb: "store",
    ...item,
    secret: "s3cret",
  });
});

Deno.test("an item that holds no key is DATA_LOSS, and its text is not said", async () => {
  const recorded = LINUX();
  recorded.items.set("key-1", "hunter2hunter2");
  await rejects(sourceOf(recorded).read("key-1"), (error) => {
    strictEqual(String(error).includes("hunter2"), false);
    match(String(error), /"stigmer\/key-1" holds something that is no master/);
    return true;
  });
});

const ITEM = { service: "stigmer", account: 'it\'s "1"' } as const;
const STORED = { ...ITEM, label: "Stigmer\nkey" } as const;

/** What an asked program was given, in the order of the calls. */
async function asked(
  recorded: Recorded,
): Promise<readonly { readonly args: readonly string[]; stdin: string }[]> {
  const keychain = openKeychain(fakeHost(recorded.options));
  await keychain.store(STORED, 's3 "c\\r"');
  await keychain.lookup(ITEM);
  await keychain.clear(ITEM);
  return recorded.runs.map(({ args, stdin }) => ({ args, stdin }));
}

Deno.test("LINUX: secret-tool is asked with these words, the secret on stdin", async () => {
  const item = ["--", "service", "stigmer", "account", 'it\'s "1"'];
  deepStrictEqual(await asked(LINUX()), [
    {
      args: ["store", "--label", "Stigmer\nkey", ...item],
      stdin: 's3 "c\\r"',
    },
    { args: ["lookup", ...item], stdin: "" },
    { args: ["clear", ...item], stdin: "" },
    { args: ["search", ...item], stdin: "" },
  ]);
});

Deno.test("MACOS: security is asked with these words, the secret in a command on stdin", async () => {
  const item = ["-s", "stigmer", "-a", 'it\'s "1"'];
  deepStrictEqual(await asked(MACOS()), [
    {
      args: ["-i"],
      stdin: '"add-generic-password" "-U" "-s" "stigmer" ' +
        '"-a" "it\'s \\"1\\"" "-l" "Stigmer key" "-w" "s3 \\"c\\\\r\\""\n',
    },
    { args: ["find-generic-password", "-g", ...item], stdin: "" },
    { args: ["delete-generic-password", ...item], stdin: "" },
  ]);
});

Deno.test("WINDOWS: PowerShell is asked with these words, all else on stdin", async () => {
  const said = await asked(WINDOWS());
  deepStrictEqual(
    said.map(({ args }) => args.slice(0, -1)),
    Array(3).fill(
      ["-NoLogo", "-NoProfile", "-NonInteractive", "-EncodedCommand"],
    ),
  );
  deepStrictEqual(
    said.map(({ stdin }) => JSON.parse(stdin)),
    [
      { verb: "store", ...ITEM, secret: 's3 "c\\r"' },
      { verb: "lookup", ...ITEM },
      { verb: "clear", ...ITEM },
    ],
  );
});

Deno.test("MACOS: a secret that its line would cut is refused, and nothing is asked", async () => {
  const recorded = MACOS();
  const keychain = openKeychain(fakeHost(recorded.options));
  const cases = [
    [STORED, "x".repeat(5000)],
    [STORED, "first\nadd-generic-password"],
    [{ ...STORED, account: "a\nb" }, "x"],
  ] as const;
  for (const [item, secret] of cases) {
    await rejects(keychain.store(item, secret), (error) => {
      match(String(error), /takes no secret of several lines/);
      return !String(error).includes(secret.slice(0, 20)) || secret === "x";
    });
  }
  deepStrictEqual(recorded.runs, []);
  // A long label is cut: nothing is found by it.
  await keychain.store({ ...STORED, label: "l".repeat(9000) }, "kept");
  strictEqual(await keychain.lookup(ITEM), "kept");
});

const REFUSED = {
  linux: {
    end: { code: 1, stderr: "secret-tool: The prompt was dismissed\n" },
    says: /the keychain says: The prompt was dismissed/,
  },
  darwin: {
    end: { code: 128, stderr: "security: User canceled the operation.\n" },
    says: /the keychain says: User canceled the operation/,
  },
  windows: {
    end: { code: 1, stdout: btoa("Access is denied.") },
    says: /the Credential Locker says: Access is denied/,
  },
} as const;

for (const os of ["linux", "darwin", "windows"] as const) {
  const { end, says } = REFUSED[os];
  Deno.test(`${os}: what the keychain refuses is said, and is no missing item`, async () => {
    const keychain = openKeychain(fakeHost(machine(os, () => end).options));
    await rejects(keychain.lookup(ITEM), {
      code: "UNAVAILABLE",
      message: says,
    });
    await rejects(keychain.store(STORED, "x"), { code: "UNAVAILABLE" });
  });
  Deno.test(`${os}: without its program the keychain is not usable, and nothing is started`, async () => {
    const { options } = machine(os, () => ({ code: 0 }));
    const host = fakeHost({ ...options, files: {}, programs: {} });
    const keychain = openKeychain(host);
    const reachable = keychain.reachable();
    strictEqual(reachable.usable, false);
    match(
      reachable.usable ? "" : reachable.why,
      /not installed|"(?:\/usr\/bin\/security|C:\\.*powershell\.exe)" is not there/,
    );
    await rejects(keychain.lookup(ITEM), { code: "UNAVAILABLE" });
  });
}
