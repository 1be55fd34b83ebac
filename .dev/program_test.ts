import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { type CommandResult, ROOT, runProgram } from "./command.ts";
import { PERMISSION_FLAGS } from "./compile.ts";
import { listFiles, programOf } from "./program.ts";

/** How long a server may take until it listens, or answers. */
const SERVER_MS_MAX = 60_000;

const AGENT = `
apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: keeper }
spec:
  instructions: Keep the changelog.
  model: { name: "script:keeper.script.yaml" }
  workspace: { tools: [list, read, search, edit] }
  permissions: { allow: ["edit:path=CHANGELOG.md"] }
`;
const SCRIPT = `
turns:
  - call:
      tool: workspace_edit
      arguments: { path: CHANGELOG.md, oldText: "Nothing", newText: "Something" }
  - when: { toolResult: Edited }
    call: { tool: workspace_read, arguments: { path: CHANGELOG.md } }
  - say: "It says: \${toolResult}"
`;
/** More than a path, so that jq itself is asked. */
const WORKFLOW = `
document: { dsl: "1.0.0", namespace: default, name: sums, version: "0.1.0" }
do:
  - sum:
      set: { sum: "\${ [.numbers[] | . * 2] | add }" }
`;

/** As the bundler writes them. */
const IMPORT_REGEXP =
  /(?:^|;)(?:import|export)(?:[\w$*{},\s]*?from)?"([^"]+)"/g;

/** A folder with the bundled program in it, laid out once for all tests. */
class Laid implements AsyncDisposable {
  private constructor(readonly folder: string, readonly program: string) {}

  static async out(): Promise<Laid> {
    const folder = await Deno.makeTempDir({ prefix: "stigmer program ü-" });
    await Deno.mkdir(`${folder}/program`);
    await Deno.mkdir(`${folder}/files`);
    const { entry } = await programOf(`${folder}/program`);
    return new Laid(folder, `${folder}/program/${entry}`);
  }

  /** As the executable is started: with what it may do, and nothing more. */
  command(args: readonly string[]): [string, ...string[]] {
    return [
      Deno.execPath(),
      "run",
      "--quiet",
      `--config=${this.folder}/program/deno.json`,
      "--frozen",
      "--cached-only",
      ...PERMISSION_FLAGS.filter((it) => it !== "--deny-import"),
      "--deny-import",
      this.program,
      ...args,
    ];
  }

  get env(): Readonly<Record<string, string>> {
    return {
      STIGMER_HOME: `${this.folder}/home`,
      STIGMER_KEY_SOURCE: "key-file",
      NO_COLOR: "1",
    };
  }

  run(...args: readonly string[]): Promise<CommandResult> {
    const cwd = `${this.folder}/files`;
    return runProgram(this.command(args), { cwd, env: this.env });
  }

  async write(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(`${this.folder}/files/${name}`, text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

Deno.test("the bundled program runs with the permissions of the executable", async (t) => {
  await using laid = await Laid.out();
  await t.step("version and help", async () => {
    const version = await laid.run("version");
    const { version: wanted } = JSON.parse(
      await Deno.readTextFile(`${ROOT}deno.json`),
    );
    equal(wrong(version), "");
    equal(version.stdout, `${wanted}\n`);
    const help = await laid.run("--help");
    equal(wrong(help), "");
    match(help.stdout, /^ {2}run +Run a workflow or an agent/m);
  });
  await t.step("an agent with a tool for files", async () => {
    await laid.write("keeper.yaml", AGENT);
    await laid.write("keeper.script.yaml", SCRIPT);
    await laid.write("CHANGELOG.md", "Nothing happened.\n");
    equal(wrong(await laid.run("apply", "-f", "keeper.yaml")), "");
    const listed = await laid.run("agent", "list", "-o", "name");
    equal(listed.stdout, "keeper\n");
    const run = await laid.run("run", "keeper", "Go on");
    equal(wrong(run), "");
    match(run.stdout, /Something happened\./);
    equal(
      await Deno.readTextFile(`${laid.folder}/files/CHANGELOG.md`),
      "Something happened.\n",
    );
  });
  await t.step("a workflow with jq", async () => {
    await laid.write("sums.yaml", WORKFLOW);
    await laid.write("input.json", '{"numbers":[1,2,3]}');
    const run = await laid.run(
      "run",
      "sums.yaml",
      "--input-file",
      "input.json",
    );
    equal(wrong(run), "");
    equal(JSON.parse(run.stdout), { sum: 12 });
  });
  await t.step("a server that answers, and ends", () => asked(laid));
  await t.step("the same sources give the same bytes", async () => {
    const again = `${laid.folder}/again`;
    await Deno.mkdir(again);
    await programOf(again);
    const first = `${laid.folder}/program`;
    const names = await listFiles(first, "");
    equal(await listFiles(again, ""), names);
    for (const name of names) {
      const [one, other] = await Promise.all(
        [first, again].map((it) => Deno.readFile(`${it}/${name}`)),
      );
      ok(sameBytes(one, other), name);
    }
  });
  await t.step("no package is left to be found", async () => {
    const program = `${laid.folder}/program`;
    for (const name of await listFiles(program, "")) {
      if (!name.endsWith(".js")) continue;
      const text = await Deno.readTextFile(`${program}/${name}`);
      const imports = text.matchAll(IMPORT_REGEXP);
      const foreign = [...imports].map(([, it = ""]) => it)
        .filter((it) => !/^(?:node:|\.\/)/.test(it));
      equal(foreign, [], name);
    }
  });
});

async function asked(laid: Laid): Promise<void> {
  const signal = AbortSignal.timeout(SERVER_MS_MAX);
  const [program, ...args] = laid.command([
    "server",
    "--listen=127.0.0.1:0",
    "--insecure",
    "--drain=1s",
  ]);
  const server = new Deno.Command(program, {
    args,
    cwd: `${laid.folder}/files`,
    env: laid.env,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    signal,
  }).spawn();
  let log = "";
  let url: string | undefined;
  for await (
    const chunk of server.stderr.pipeThrough(new TextDecoderStream())
  ) {
    log += chunk;
    if (url !== undefined) continue;
    url = /Listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(log)?.[1];
    if (url === undefined) continue;
    const answer = await fetch(`${url}/readyz`, { signal });
    equal(answer.status, 200, await answer.text());
    server.kill("SIGTERM");
  }
  const { code } = await server.status;
  ok(url !== undefined, `It did not listen:\n${log}`);
  equal(code, 0, log);
}

/** Nothing when it ended well, else all that it wrote. */
function wrong({ ok, code, stdout, stderr }: CommandResult): string {
  return ok ? "" : `Ended with ${code}:\n${stdout}${stderr}`;
}

function sameBytes(
  one: Uint8Array | undefined,
  other: Uint8Array | undefined,
): boolean {
  return one !== undefined && one.length === other?.length &&
    one.every((byte, at) => byte === other[at]);
}
