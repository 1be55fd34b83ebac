import { deepStrictEqual, match, ok } from "node:assert/strict";
import { parse } from "yaml";
import { compileArgs } from "../../.dev/compile_args.ts";
import { runDeno } from "../../.dev/command.ts";
import { TARGETS } from "../../.dev/targets.ts";
import { exists, readText } from "./_tree.ts";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly needs?: string | readonly string[];
  readonly "timeout-minutes"?: number;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: {
    readonly matrix: {
      readonly include?: readonly Readonly<Record<string, string>>[];
    };
  };
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const FILES = ["ci.yml", "release.yml"];
/** What each job may do besides reading; all others may do nothing more. */
const MAY_WRITE: Readonly<Record<string, readonly string[]>> = {
  release: ["attestations", "contents", "id-token"],
  jsr: ["id-token"],
  npm: ["id-token"],
};
/** Whose actions are run, and in which version. */
const ACTION_REGEXP = /^actions\/[a-z-]+@v\d+(?:\.\d+\.\d+)?$/;
const TASK_REGEXP = /\bdeno task (\S+)([^\n]*)/g;
const SCRIPT_REGEXP = /(?:^|\s)(\.(?:ci|dev)\/[\w/.-]+\.\w+|src\/\S+)/g;

async function workflowOf(file: string): Promise<Workflow> {
  return parse(await readText(`.github/workflows/${file}`));
}

async function tasks(): Promise<ReadonlySet<string>> {
  const config: { readonly tasks: object } = JSON.parse(
    await readText("deno.json"),
  );
  return new Set(Object.keys(config.tasks));
}

function commandsOf(workflow: Workflow): readonly string[] {
  return Object.values(workflow.jobs).flatMap((job) =>
    job.steps.flatMap((it) => it.run ?? [])
  );
}

for (const file of FILES) {
  Deno.test(`${file} runs tasks and scripts that there are`, async () => {
    const known = await tasks();
    for (const command of commandsOf(await workflowOf(file))) {
      for (const [, name = ""] of command.matchAll(TASK_REGEXP)) {
        ok(known.has(name), `There is no task "${name}": ${command}`);
      }
      for (const [, path = ""] of command.matchAll(SCRIPT_REGEXP)) {
        ok(await exists(path), `There is no ${path}: ${command}`);
      }
    }
  });

  Deno.test(`${file} runs actions of a given version, and each job ends`, async () => {
    const { jobs } = await workflowOf(file);
    for (const [name, job] of Object.entries(jobs)) {
      ok(job["timeout-minutes"] !== undefined, `${name} may run for hours`);
      for (const { uses } of job.steps) {
        if (uses !== undefined) match(uses, ACTION_REGEXP);
      }
      for (const { uses, with: settings } of job.steps) {
        if (!uses?.startsWith("actions/checkout@")) continue;
        deepStrictEqual(settings?.["persist-credentials"], false, name);
      }
    }
  });

  Deno.test(`${file} lets each job write no more than it must`, async () => {
    const { permissions, jobs } = await workflowOf(file);
    ok(Object.values(permissions).every((it) => it === "read"));
    for (const [name, job] of Object.entries(jobs)) {
      const own = Object.entries(job.permissions ?? {});
      deepStrictEqual(
        own.filter(([, right]) => right !== "read").map(([it]) => it).sort(),
        MAY_WRITE[name] ?? [],
        name,
      );
    }
  });

  Deno.test(`${file} puts nothing of an event into a command`, async () => {
    for (const command of commandsOf(await workflowOf(file))) {
      // Whoever names a branch or a tag would otherwise write the command.
      const found = command.match(/\$\{\{(?!\s*env\.DENO_VERSION\s*\}\})/g);
      deepStrictEqual(found, null, command);
    }
  });
}

Deno.test("release.yml releases what the gate passed, what was built and what was tried", async () => {
  const { jobs } = await workflowOf("release.yml");
  const needs = (name: string) => [jobs[name]?.needs ?? []].flat();
  deepStrictEqual(needs("release"), ["gate", "build", "smoke"]);
  for (const name of ["jsr", "npm", "homebrew"]) {
    deepStrictEqual(needs(name), ["release"]);
  }
  for (const name of Object.values(jobs).flatMap((it) => it.needs ?? [])) {
    ok(jobs[name], `There is no job ${name}`);
  }
});

Deno.test("release.yml tries the executable of every machine on such a machine", async () => {
  const { jobs } = await workflowOf("release.yml");
  const machines = jobs["smoke"]?.strategy?.matrix.include ?? [];
  deepStrictEqual(
    machines.map((it) => it["target"]),
    TARGETS.map((it) => it.name),
  );
  const systems = { linux: "ubuntu", darwin: "macos", windows: "windows" };
  for (const [i, { os }] of TARGETS.entries()) {
    ok(machines[i]?.["os"]?.startsWith(systems[os]), `${i}: ${os}`);
  }
});

Deno.test("release.yml builds all that a release packs, and with the Deno of the README", async () => {
  const workflow = await workflowOf("release.yml");
  const builds = commandsOf(workflow).flatMap((command) =>
    [...command.matchAll(TASK_REGEXP)]
      .filter(([, name]) => name === "compile")
      .map(([, , rest = ""]) => compileArgs(rest.trim().split(/\s+/)))
  );
  const [built] = builds;
  ok(built !== undefined);
  deepStrictEqual(built.length, 2 * TARGETS.length);
  const version = workflow.env?.["DENO_VERSION"];
  ok((await readText("README.md")).includes(`npx -y deno@${version} `));
});

Deno.test("release.yml takes steps of a release that there are, each once", async () => {
  const workflow = await workflowOf("release.yml");
  const steps = commandsOf(workflow).flatMap((command) =>
    [...command.matchAll(/deno task release (\S+)/g)].map(([, it = ""]) => it)
  );
  deepStrictEqual(steps, ["tag", "pack", "npm", "sign"]);
  const help = await runDeno([
    "run",
    "-A",
    "--no-check",
    ".dev/release/release.ts",
    "--help",
  ]);
  for (const step of steps) match(help.stdout, new RegExp(`^  ${step} `, "m"));
});

Deno.test("release.yml hands each secret to one step alone, behind an approval", async () => {
  const { jobs } = await workflowOf("release.yml");
  const found: string[] = [];
  for (const [name, job] of Object.entries(jobs)) {
    for (const step of job.steps) {
      const text = JSON.stringify(step);
      for (const [, secret] of text.matchAll(/secrets\.(\w+)/g)) {
        found.push(`${name}: ${secret}`);
        deepStrictEqual(job.environment, "release");
        ok(JSON.stringify(step.env).includes(`secrets.${secret}`));
      }
    }
  }
  deepStrictEqual(found, [
    "release: STIGMER_RELEASE_KEY",
    "homebrew: HOMEBREW_TAP_TOKEN",
  ]);
});

/** A npm that knows one package already, and writes down what it publishes. */
const FAKE_NPM = `#!/bin/sh
case "$1 $2" in
"view @stigmer/cli-a-x64@1.2.3") echo 1.2.3 ;;
view*) echo "npm error code E404" >&2; exit 1 ;;
publish*) echo "$2" >>"$PUBLISHED" ;;
esac
`;

Deno.test({
  name:
    "release.yml publishes to npm what is not there yet, as often as it runs",
  ignore: Deno.build.os === "windows",
  async fn() {
    const { jobs } = await workflowOf("release.yml");
    const [script = ""] = jobs["npm"]?.steps.flatMap((it) => it.run ?? []) ??
      [];
    const folder = await Deno.makeTempDir({ prefix: "stigmer-npm-" });
    try {
      await Deno.mkdir(`${folder}/dist/npm`, { recursive: true });
      for (const name of ["cli", "cli-a-x64", "cli-b-arm64"]) {
        const path = `${folder}/dist/npm/stigmer-${name}-1.2.3.tgz`;
        await Deno.writeTextFile(path, "");
      }
      await Deno.writeTextFile(`${folder}/npm`, FAKE_NPM, { mode: 0o755 });
      const published = `${folder}/published`;
      const { success, stderr } = await new Deno.Command("bash", {
        args: ["-e", "-o", "pipefail", "-c", script],
        cwd: folder,
        env: {
          PATH: `${folder}:${Deno.env.get("PATH") ?? ""}`,
          GITHUB_REF_NAME: "v1.2.3",
          PUBLISHED: published,
        },
      }).output();
      ok(success, new TextDecoder().decode(stderr));
      deepStrictEqual((await Deno.readTextFile(published)).split("\n"), [
        "./dist/npm/stigmer-cli-b-arm64-1.2.3.tgz",
        "./dist/npm/stigmer-cli-1.2.3.tgz",
        "",
      ]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
