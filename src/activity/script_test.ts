import assert from "node:assert/strict";
import { until } from "../../tests/until.ts";
import type { Host } from "../host/host.ts";
import { systemHost } from "../host/system.ts";
import type {
  Activity,
  ActivityContext,
  ActivityOutcome,
} from "../model/durable.ts";
import { StigmerError } from "../model/error.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { createScriptActivity, requireInterpreter } from "./script.ts";

const system = systemHost();
/** The folders that scripts were given. */
const folders: string[] = [];
const host: Host = {
  ...system,
  files: {
    ...system.files,
    async makeTemporaryDirectory() {
      const made = await system.files.makeTemporaryDirectory();
      folders.push(made);
      return made;
    },
  },
};
const activity = createScriptActivity({ host });
const POSIX = { ignore: Deno.build.os === "windows" };
const PYTHON = {
  ignore: (host.processes.find("python3") ??
    host.processes.find("python")) === undefined,
};

async function run(
  input: JsonObject,
  options: {
    signal?: AbortSignal;
    deltas?: string[];
    activity?: Activity;
  } = {},
): Promise<ActivityOutcome> {
  const context: ActivityContext = {
    executionId: "wex-1",
    path: "/do/0/s",
    name: "s",
    attempt: 1,
    idempotencyKey: "k",
    signal: options.signal ?? new AbortController().signal,
    variables: { HIDDEN: "1" },
    workingDirectory: "/",
    emit: ({ text }) => options.deltas?.push(text),
  };
  const asked = options.activity ?? activity;
  return await asked({ language: "js", ...input }, context);
}

function outputOf(outcome: ActivityOutcome): Json {
  assert.equal(outcome.kind, "completed", JSON.stringify(outcome));
  return outcome.kind === "completed" ? outcome.output : null;
}

function detailOf(outcome: ActivityOutcome): string {
  assert.equal(outcome.kind, "failed", JSON.stringify(outcome));
  return outcome.kind === "failed" ? outcome.failure.detail : "";
}

function isThere(path: string | undefined): boolean {
  assert.ok(path !== undefined);
  return host.files.stat(path) !== undefined;
}

Deno.test("script gives JavaScript stdin, arguments and variables", async () => {
  const code = `
    import { readFileSync } from "node:fs";
    const [, , first, second] = process.argv;
    console.log(readFileSync(process.stdin.fd, "utf8"), first, second);
    console.log(process.env.GIVEN, process.env.HOME, process.env.HIDDEN);
    console.log(\`\${1 + 1}\`);
  `;
  const outcome = await run({
    code,
    stdin: "in",
    arguments: ["a b", "$(echo evil)"],
    environment: { GIVEN: 7 },
  });
  assert.equal(
    outputOf(outcome),
    "in a b $(echo evil)\n7 undefined undefined\n2\n",
  );
});

Deno.test("script passes arguments by name as name=value", async () => {
  const outcome = await run({
    code: "console.log(process.argv.slice(2))",
    arguments: { size: 3, flag: null },
  });
  assert.equal(outputOf(outcome), '[ "size=3", "flag" ]\n');
});

Deno.test("script takes the types off TypeScript", async () => {
  const outcome = await run({
    language: "ts",
    code: "const n: number = 3; console.log(n satisfies number);",
  });
  assert.equal(outputOf(outcome), "3\n");
});

Deno.test("script keeps JavaScript from everything but computing", async () => {
  const secret = await Deno.makeTempFile({ suffix: ".json" });
  await Deno.writeTextFile(secret, '{"secret":"LEAKED"}');
  let visits = 0;
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => {
      visits++;
      return new Response("LEAKED");
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const marker = `${secret}.marker`;
  const attempts: readonly string[] = [
    `console.log(Deno.readTextFileSync(${JSON.stringify(secret)}))`,
    `console.log((await import("node:fs")).readFileSync(${
      JSON.stringify(secret)
    }, "utf8"))`,
    `import x from ${
      JSON.stringify(secret)
    } with { type: "json" }; console.log(x.secret)`,
    `import x from ${
      JSON.stringify(`file://${secret}`)
    } with { type: "text" }; console.log(x)`,
    `const x = await import(${
      JSON.stringify(secret)
    }, { with: { type: "json" } }); console.log(x.default.secret)`,
    `const at = ${JSON.stringify(secret)};
     const x = await import(at, { with: { type: "json" } });
     console.log(x.default.secret)`,
    `import { createRequire } from "node:module";
     console.log(createRequire(import.meta.url)(${
      JSON.stringify(secret)
    }).secret)`,
    `console.log(await (await fetch(${JSON.stringify(url)})).text())`,
    `import x from ${JSON.stringify(url)}; console.log("LEAKED")`,
    `import x from "npm:is-odd@3.0.1"; console.log("LEAKED")`,
    `import x from "jsr:@std/path"; console.log("LEAKED")`,
    `Deno.writeTextFileSync(${
      JSON.stringify(marker)
    }, "x"); console.log("LEAKED")`,
    `console.log("LEAKED", new Deno.Command("/bin/sh").outputSync())`,
    `(await import("node:child_process")).execFileSync("/bin/sh");
     console.log("LEAKED")`,
    `Deno.dlopen("libc.so.6", {}); console.log("LEAKED")`,
    `console.log("LEAKED", Deno.hostname())`,
    `Deno.listen({ port: 0 }); console.log("LEAKED")`,
  ];
  for (const code of attempts) {
    const outcome = await run({ code });
    // For want of a right, and not for another mistake.
    assert.match(
      detailOf(outcome),
      /Requires \w+ access|Blocked by null entry|specifier|Command failed/,
      code,
    );
    assert.ok(!JSON.stringify(outcome).includes("LEAKED\\n"), code);
  }
  assert.equal(visits, 0);
  await assert.rejects(Deno.stat(marker), Deno.errors.NotFound);
  await Deno.remove(secret);
});

Deno.test("script refuses variables that would widen its rights", async () => {
  for (const name of ["DENO_DIR", "NODE_OPTIONS", "LD_PRELOAD", "A,B", "a-b"]) {
    await assert.rejects(
      run({ code: "1", environment: { [name]: "x" } }),
      (error) =>
        error instanceof StigmerError && error.code === "INVALID_ARGUMENT" &&
        error.message.includes(`"${name}"`),
    );
  }
});

Deno.test("script fails with code and error, and names its file alone", async () => {
  const thrown = detailOf(await run({ code: "throw new Error('boom')" }));
  assert.match(thrown, /^The js script exited with 1: .*boom/s);
  assert.match(thrown, /at script\.mjs:1:7/);
  assert.doesNotMatch(thrown, /stigmer-/);
  const code = await run({ code: "process.exit(4)", return: "code" });
  assert.equal(outputOf(code), 4);
  const all = await run({
    code: "console.log(1); console.error(2)",
    return: "all",
  });
  assert.deepEqual(outputOf(all), { code: 0, stdout: "1\n", stderr: "2\n" });
});

Deno.test("script runs python with what a command has", PYTHON, async () => {
  const outcome = await run({
    language: "python",
    code:
      "import os, sys\nprint(sys.stdin.read(), sys.argv[1:], os.environ['GIVEN'], os.environ.get('HIDDEN'), os.getcwd())",
    stdin: "in",
    arguments: ["a"],
    environment: { GIVEN: "g" },
  });
  assert.equal(outputOf(outcome), "in ['a'] g None /\n");
  const failed = detailOf(
    await run({ language: "python", code: "raise ValueError('boom')" }),
  );
  assert.match(failed, /^The python script exited with 1: .*ValueError: boom/s);
  assert.match(failed, /File "script\.py", line 1/);
});

Deno.test("script streams, ends when aborted, and leaves no folder", async () => {
  const deltas: string[] = [];
  const abort = new AbortController();
  const running = run({
    code: "console.log('on'); setInterval(() => {}, 1000)",
  }, { deltas, signal: abort.signal });
  await until(() => deltas.join("").includes("on"));
  const startMs = Date.now();
  abort.abort(new DOMException("cancelled", "AbortError"));
  await running.catch(() => {});
  assert.ok(Date.now() - startMs < 2000);
  assert.equal(isThere(folders.at(-1)), false);
});

Deno.test(
  "script that nobody waits for goes on, and its folder is removed",
  POSIX,
  async () => {
    const marker = await Deno.makeTempFile();
    // What has all rights can show that it ran.
    const outcome = await run({
      language: "python",
      code:
        `import sys\nprint("x" * 100000)\nopen(sys.argv[1], "w").write("ran")`,
      arguments: [marker],
      await: false,
    });
    assert.equal(outputOf(outcome), null);
    await until(async () => await Deno.readTextFile(marker) === "ran");
    const folder = folders.at(-1);
    await until(() => !isThere(folder));
    await Deno.remove(marker);
  },
);

Deno.test("requireInterpreter() names what is missing", () => {
  const bare: Pick<Host, "platform" | "processes"> = {
    platform: { ...host.platform, standalone: true },
    processes: { ...host.processes, find: () => undefined },
  };
  assert.throws(
    () => requireInterpreter(bare, "js"),
    /Cannot run js scripts: there is no deno on PATH/,
  );
  assert.throws(
    () => requireInterpreter(bare, "python"),
    /Cannot run python scripts: there is neither python3 nor python on PATH/,
  );
});

Deno.test("script runs whatever its folder is called", POSIX, async () => {
  const signs = Array.from(
    { length: 94 },
    (_, i) => String.fromCharCode(33 + i),
  )
    .filter((it) => it !== "/").join("");
  const dir = await Deno.makeTempDir();
  try {
    for (const name of [`a+b@c,d;e&f=g$h[i^j|k`, signs, "é b", "%41", "C|"]) {
      await Deno.mkdir(`${dir}/${name}`);
      const makeTemporaryDirectory = () =>
        Deno.makeTempDir({ dir: `${dir}/${name}` });
      const named = createScriptActivity({
        host: { ...host, files: { ...host.files, makeTemporaryDirectory } },
      });
      outputOf(await run({ code: "console.log(1)" }, { activity: named }));
      const failed = await run({ code: "oops()" }, { activity: named });
      assert.doesNotMatch(detailOf(failed), /file:|tmp/, name);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
