import { deepStrictEqual, match, ok, rejects } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type FakeContext, fakeContext } from "../../src/cli/fake_context.ts";
import { exitCodeOf } from "../../src/cli/main.ts";
import {
  type UpgradeCommandOptions,
  upgradeProgram,
} from "../../src/cli/upgrading.ts";
import { StigmerError } from "../../src/model/error.ts";
import { denoDirectory } from "../deno_dir.ts";
import { createPlace } from "../cli/program.ts";
import { programText, serveReleases } from "./releases.ts";
import {
  INSTALLED,
  installedHost,
  newScene,
  RELEASED,
} from "./upgrade_scene.ts";
import type { UpgradeScene } from "./upgrade_scene.ts";

const ignore = Deno.build.os === "windows";
const NOTHING: UpgradeCommandOptions = {
  check: false,
  version: undefined,
  allowDowngrade: false,
  dryRun: false,
  from: undefined,
};

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in a scene, with the terminal of a test. */
async function run(
  scene: UpgradeScene,
  options: Partial<UpgradeCommandOptions>,
  given: {
    readonly line?: string;
    readonly columns?: number;
    readonly version?: string;
    readonly change?: (context: FakeContext) => void;
  } = {},
): Promise<Ran> {
  const context = await fakeContext(given.line ?? "", {
    env: { STIGMER_RELEASES_URL: scene.server.url },
    ...(given.columns === undefined ? {} : { columns: given.columns }),
  });
  const { terminal, env } = context.host;
  given.change?.(context);
  const ending = await upgradeProgram(
    { ...context, host: { ...installedHost(scene.path), terminal, env } },
    { ...NOTHING, ...options },
    { version: given.version ?? INSTALLED, keys: [scene.signer.key] },
  );
  return {
    code: exitCodeOf(ending),
    stdout: terminal.text("stdout"),
    stderr: terminal.text("stderr"),
  };
}

Deno.test({
  name: "upgrade says its steps in plain lines where there is no terminal",
  ignore,
  async fn() {
    await using scene = await newScene();
    const { code, stdout, stderr } = await run(scene, {});
    deepStrictEqual(code, 0);
    deepStrictEqual(
      stdout,
      `Replaced "${scene.path}", ${INSTALLED}, by ${RELEASED}\n`,
    );
    match(
      stderr,
      /^Found 0\.3\.0, signed by key test\nDownloading stigmer-\S+, \d+ B\nVerified the checksum of stigmer-\S+\nTried it: it runs here and is 0\.3\.0\n$/,
    );
    deepStrictEqual(await scene.text(), programText(RELEASED));
  },
});

Deno.test({
  name: "upgrade draws how far it is in a terminal, and wipes it away",
  ignore,
  async fn() {
    await using scene = await newScene();
    const { stderr } = await run(scene, {}, { columns: 80 });
    match(stderr.replaceAll("\x1b", "ESC"), /\rESC\[K100 % of \d+ B/);
    const lines = stderr.split("\n").map((it) => it.split("\r\x1b[K").at(-1));
    ok(lines.every((it) => !it?.includes("%")), stderr);
  },
});

Deno.test({
  name: "upgrade --quiet says nothing",
  ignore,
  async fn() {
    await using scene = await newScene();
    deepStrictEqual(await run(scene, {}, { line: "--quiet", columns: 80 }), {
      code: 0,
      stdout: "",
      stderr: "",
    });
    deepStrictEqual(await scene.text(), programText(RELEASED));
  },
});

Deno.test({
  name: "upgrade -o json and --dry-run say what is, or would be, replaced",
  ignore,
  async fn() {
    await using scene = await newScene();
    const planned = await run(scene, { dryRun: true }, { line: "-o json" });
    const { outcome, from, to, path } = JSON.parse(planned.stdout);
    deepStrictEqual([outcome, from, to, path], [
      "planned",
      INSTALLED,
      RELEASED,
      scene.path,
    ]);
    ok(await scene.isUntouched());
    const { stdout } = await run(scene, {}, { line: "-o name" });
    deepStrictEqual(stdout, `${RELEASED}\n`);
  },
});

Deno.test({
  name:
    "upgrade --check ends with 100 when a newer one is there, and changes nothing",
  ignore,
  async fn() {
    await using scene = await newScene();
    const newer = await run(scene, { check: true });
    deepStrictEqual(newer.code, 100);
    deepStrictEqual(newer.stdout, "Stigmer 0.3.0 is there, this is 0.2.0\n");
    deepStrictEqual(newer.stderr, "Hint: Run: stigmer upgrade\n");
    const json = await run(scene, { check: true }, { line: "-o json" });
    deepStrictEqual(JSON.parse(json.stdout), {
      current: "0.2.0",
      latest: "0.3.0",
      isNewer: true,
      way: "Run: stigmer upgrade",
    });
    ok(await scene.isUntouched());
  },
});

Deno.test({
  name: "upgrade --check ends with 0 when this is the latest, or newer than it",
  ignore,
  async fn() {
    await using scene = await newScene();
    for (const version of ["0.3.0", "0.4.0"]) {
      const { code, stdout } = await run(scene, { check: true }, { version });
      deepStrictEqual(code, 0);
      match(stdout, /is up to date, the latest is 0\.3\.0/);
    }
  },
});

Deno.test({
  name:
    "upgrade takes releases from where it is told, and a version with its v",
  ignore,
  async fn() {
    await using scene = await newScene();
    await using other = serveReleases();
    for (const [version, files] of scene.server.releases) {
      other.releases.set(version, files);
    }
    await run(scene, { from: `${other.url}/`, version: "v0.3.0" });
    deepStrictEqual(scene.server.asked, []);
    deepStrictEqual(await scene.text(), programText(RELEASED));
  },
});

Deno.test("upgrade refuses addresses that anybody could answer for", async () => {
  await using scene = await newScene();
  for (
    const from of [
      "http://example.com/releases",
      "http://localhost.example.com/",
      "ftp://example.com",
      "https://me:secret@example.com/",
      "https://example.com/?a=b",
      "releases",
    ]
  ) {
    await rejects(run(scene, { from }), (error) => {
      ok(error instanceof StigmerError);
      match(error.message, /^Option "--from" cannot (?:be|have) /);
      match(error.hints[0] ?? "", /^Give the address of releases, as https:/);
      ok(!error.message.includes("secret"));
      return true;
    }, from);
  }
});

Deno.test("upgrade refuses what does not go together, and asks nobody", async () => {
  await using scene = await newScene();
  const cases: readonly (readonly [Partial<UpgradeCommandOptions>, RegExp])[] =
    [
      [{ check: true, version: "0.3.0" }, /does not go with "--version"/],
      [{ check: true, dryRun: true }, /does not go with "--dry-run"/],
      [{ allowDowngrade: true }, /"--allow-downgrade" needs "--version"/],
      [{ version: "latest" }, /cannot be "latest"/],
      [{ version: "../../0.3.0" }, /it is no version/],
    ];
  for (const [options, says] of cases) {
    await rejects(run(scene, options), says);
  }
  deepStrictEqual(scene.server.asked, []);
});

Deno.test({
  name: "upgrade that is stopped by Ctrl-C says that nothing was changed",
  ignore,
  async fn() {
    await using scene = await newScene();
    let context: FakeContext | undefined;
    scene.server.instead.set(".tar.gz", () => {
      context?.host.terminal.interrupt();
      return new Response("late");
    });
    const { code, stderr } = await run(scene, {}, {
      change: (it) => context = it,
    });
    deepStrictEqual(code, 130);
    match(stderr, /Stopped: nothing was changed\n$/);
    ok(await scene.isUntouched());
  },
});

Deno.test("the program from source says how sources are brought up to date", async () => {
  await using place = await createPlace();
  for (const words of [["upgrade"], ["upgrade", "--check"]]) {
    const { code, stderr } = await place.run(words);
    deepStrictEqual(code, 5);
    match(stderr, /^Error: Cannot upgrade: Stigmer is run from source here/);
    match(stderr, /\nHint: Of a clone, .*git pull\n/);
    match(stderr, /\nHint: Of JSR, .*jsr:@stigmer\/cli\n/);
    match(stderr, /\nHint: Or install the executable: npm i -g /);
  }
});

Deno.test("no command asks for a release unless it is told to", async () => {
  await using server = serveReleases();
  await using place = await createPlace();
  const program = fileURLToPath(new URL("../../src/mod.ts", import.meta.url));
  const lines = [
    "version",
    "--help",
    "upgrade --help",
    "init",
    "agent list",
    "execution list -o json",
    "config list",
    "schema agent",
  ];
  for (const line of lines) {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--allow-read",
        "--allow-write",
        "--allow-env",
        "--allow-run",
        "--allow-sys",
        "--deny-net",
        program,
        ...line.split(" "),
      ],
      env: {
        STIGMER_HOME: place.home,
        STIGMER_KEY_SOURCE: "key-file",
        STIGMER_RELEASES_URL: server.url,
        DENO_DIR: denoDirectory(),
      },
      stdin: "null",
    }).output();
    deepStrictEqual(code, 0, `${line}: ${new TextDecoder().decode(stderr)}`);
  }
  deepStrictEqual(server.asked, []);
});

Deno.test("upgrade keeps the network and the right to start programs", async () => {
  const { command } = await import("../../src/cli/root/upgrade.ts");
  deepStrictEqual(command.needs, "machine");
});
