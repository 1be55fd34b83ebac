import { deepStrictEqual, match, ok } from "node:assert/strict";
import { thisTarget } from "../compile_args.ts";
import { outputOf, runProgram } from "../command.ts";
import { TARGETS } from "../targets.ts";
import { layNpmPackages, type NpmPackage } from "./npm_packages.ts";

const VERSION = "1.2.3";
/** What it is told to do, it does: so a test sees what reached it. */
const EXECUTABLE = `#!/bin/sh
case "$1" in
  say) shift; printf '%s|' "$@"; cat ;;
  end) exit "$2" ;;
  die) kill -KILL $$ ;;
  wait)
    trap 'echo asked to end; exit 7' TERM
    echo ready
    left=1200
    while [ $left -gt 0 ]; do sleep 0.05; left=$((left - 1)); done ;;
esac
`;
const WAIT_MS_MAX = 60_000;

/** The packages, laid out around a script in the place of executables. */
async function lay(folder: string): Promise<readonly NpmPackage[]> {
  const executable = `${folder}/executable`;
  await Deno.writeTextFile(executable, EXECUTABLE);
  await Deno.mkdir(`${folder}/npm`);
  return await layNpmPackages(`${folder}/npm`, {
    version: VERSION,
    executableOf: () => executable,
    notices: "notices",
    repository: "example/example",
  });
}

async function manifestOf({ folder }: NpmPackage): Promise<Manifest> {
  return JSON.parse(await Deno.readTextFile(`${folder}/package.json`));
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

Deno.test("there is a package for each machine, and one that needs exactly them", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const packages = await lay(folder);
    const manifests = await Promise.all(packages.map(manifestOf));
    const cli = manifests.at(-1);
    deepStrictEqual(cli?.name, "@stigmer/cli");
    deepStrictEqual(
      cli?.optionalDependencies,
      Object.fromEntries(
        manifests.slice(0, -1).map((it) => [it.name, VERSION]),
      ),
    );
    deepStrictEqual(manifests.length, TARGETS.length + 1);
    deepStrictEqual(
      manifests.slice(0, -1).map((it) => [it.name, it.os, it.cpu, it.libc]),
      [
        ["@stigmer/cli-linux-x64", ["linux"], ["x64"], ["glibc"]],
        ["@stigmer/cli-linux-arm64", ["linux"], ["arm64"], ["glibc"]],
        ["@stigmer/cli-macos-x64", ["darwin"], ["x64"], undefined],
        ["@stigmer/cli-macos-arm64", ["darwin"], ["arm64"], undefined],
        ["@stigmer/cli-windows-x64", ["win32"], ["x64"], undefined],
        ["@stigmer/cli-windows-arm64", ["win32"], ["arm64"], undefined],
      ],
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

interface Registry extends AsyncDisposable {
  readonly url: string;
  readonly asked: readonly string[];
}

/** A registry of these packages and nothing else, packed by npm itself. */
function serve(
  folder: string,
  packages: readonly NpmPackage[],
): Registry {
  const asked: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const path = decodeURIComponent(new URL(request.url).pathname);
      asked.push(path);
      const one = packages.find((it) => path.startsWith(`/${it.name}/-/`)) ??
        packages.find((it) => path === `/${it.name}`);
      if (one === undefined) return new Response("{}", { status: 404 });
      if (!path.includes("/-/")) {
        return Response.json(await packument(one, request.url));
      }
      return new Response(await packed(folder, one));
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function packument(one: NpmPackage, url: string): Promise<unknown> {
  const manifest = await manifestOf(one);
  const tarball = `${new URL(url).origin}/${one.name}/-/package.tgz`;
  return {
    name: one.name,
    "dist-tags": { latest: VERSION },
    versions: { [VERSION]: { ...manifest, dist: { tarball } } },
  };
}

async function packed(
  folder: string,
  one: NpmPackage,
): Promise<Uint8Array<ArrayBuffer>> {
  const result = await npm(folder, ["pack", "--json", one.folder]);
  const [{ filename }] = JSON.parse(result);
  return await Deno.readFile(`${folder}/${filename}`);
}

/** Calls npm with settings and a cache of its own. */
async function npm(
  folder: string,
  args: readonly string[],
): Promise<string> {
  const result = await runProgram(["npm", ...args], {
    cwd: folder,
    env: {
      HOME: folder,
      npm_config_cache: `${folder}/cache`,
      npm_config_update_notifier: "false",
      npm_config_audit: "false",
      npm_config_fund: "false",
    },
  });
  ok(result.ok, outputOf(result));
  return result.stdout;
}

async function hasNpm(): Promise<boolean> {
  // There npm is a script, and so is what stands for the executable here.
  if (Deno.build.os === "windows") return false;
  const result = await runProgram(["npm", "--version"]).catch(() => undefined);
  return result?.ok === true;
}

Deno.test({
  name: "npm installs the one executable that fits, and it gets and gives all",
  ignore: !await hasNpm(),
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "stigmer npm é " });
    try {
      const packages = await lay(folder);
      await using registry = serve(folder, packages);
      const project = `${folder}/project`;
      await Deno.mkdir(project);
      await Deno.writeTextFile(`${project}/package.json`, "{}");
      await npm(folder, [
        "install",
        "--prefix",
        project,
        `--registry=${registry.url}`,
        "@stigmer/cli",
      ]);
      const own = `@stigmer/cli-${thisTarget().name}`;
      deepStrictEqual(
        registry.asked.filter((it) => it.includes("/-/")).sort(),
        [`/${own}/-/package.tgz`, "/@stigmer/cli/-/package.tgz"].sort(),
      );
      const program = `${project}/node_modules/.bin/stigmer`;
      await hearsAll(program);
      await endsAsItEnds(program);
      await passesSignals(program);
      await Deno.remove(`${project}/node_modules/${own}`, { recursive: true });
      const missing = await runProgram([program, "say"]);
      deepStrictEqual(missing.code, 1);
      match(
        missing.stderr,
        /^Cannot find the program for this machine: @stigmer\/cli-/,
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

async function hearsAll(program: string): Promise<void> {
  const child = new Deno.Command(program, {
    args: ["say", "a b", "", "--é"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("from the caller"));
  await writer.close();
  const { code, stdout } = await child.output();
  deepStrictEqual(new TextDecoder().decode(stdout), "a b||--é|from the caller");
  deepStrictEqual(code, 0);
}

async function endsAsItEnds(program: string): Promise<void> {
  deepStrictEqual((await runProgram([program, "end", "42"])).code, 42);
  const killed = await new Deno.Command(program, { args: ["die"] }).output();
  deepStrictEqual(killed.signal, "SIGKILL");
}

async function passesSignals(program: string): Promise<void> {
  const child = new Deno.Command(program, {
    args: ["wait"],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
    signal: AbortSignal.timeout(WAIT_MS_MAX),
  }).spawn();
  let text = "";
  for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (text === "ready\n") child.kill("SIGTERM");
  }
  deepStrictEqual(text, "ready\nasked to end\n");
  deepStrictEqual((await child.status).code, 7);
}
