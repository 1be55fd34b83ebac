import assert from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import type { Host } from "../host/host.ts";
import { catalogCommand, type CommandScope, stdioCommand } from "./command.ts";
import type { ToolServer } from "./server.ts";

interface Machine {
  readonly standalone?: boolean;
  readonly programs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

function hostOf(machine: Machine): Host {
  const env = { HOME: "/home/user", ...machine.env };
  const host = fakeHost({ env, files: { "/project/here.txt": "" } });
  return {
    ...host,
    platform: { ...host.platform, standalone: machine.standalone ?? false },
    processes: {
      ...host.processes,
      find: (command) => machine.programs?.[command],
      baseEnv: () => ({ PATH: "/bin", SSL_CERT_FILE: "/ca.pem" }),
      endOrphans: () => Promise.resolve(0),
    },
  };
}

function scopeOf(
  machine: Machine = {},
  variables: Readonly<Record<string, string>> = {},
): CommandScope {
  return { host: hostOf(machine), variables, workingDirectory: "/project" };
}

function serverOf(name: string): ToolServer {
  return {
    name,
    enabledTools: [],
    transport: { kind: "catalog", args: [] },
  };
}

Deno.test("filesystem serves the execution's folder and may touch no other", async () => {
  const spawn = await catalogCommand(serverOf("filesystem"), [], scopeOf());
  assert.equal(spawn.command, "/usr/bin/deno");
  assert.equal(spawn.cwd, "/project");
  const { args } = spawn;
  assert(args.includes("--allow-read=/project"));
  assert(args.includes("--allow-write=/project"));
  assert(args.includes("--no-lock"));
  assert(!args.some((arg) => /^(-A|--allow-(all|net|run|ffi|sys))/.test(arg)));
  assert.deepEqual(args.slice(-2), [
    "npm:@modelcontextprotocol/server-filesystem@2026.8.31",
    "/project",
  ]);
});

Deno.test("filesystem resolves the folders that it is given", async () => {
  const scope = scopeOf({}, { DATA: "/data" });
  const folders = ["./docs", "/abs,olute", "${DATA}/in"];
  const { args } = await catalogCommand(serverOf("filesystem"), folders, scope);
  assert.deepEqual(args.slice(-3), ["/project/docs", "/abs,olute", "/data/in"]);
  assert(args.includes("--allow-read=/project/docs,/abs,,olute,/data/in"));
});

Deno.test("memory keeps its file in the execution's folder unless told", async () => {
  const own = await catalogCommand(serverOf("memory"), [], scopeOf());
  assert.equal(
    own.env["MEMORY_FILE_PATH"],
    "/project/.stigmer-memory/memory.jsonl",
  );
  const scope = scopeOf({}, { MEMORY_FILE_PATH: "/m/x.jsonl" });
  const told = await catalogCommand(serverOf("memory"), [], scope);
  assert.equal(told.env["MEMORY_FILE_PATH"], "/m/x.jsonl");
  assert(told.args.includes("--allow-write=/m"));
});

Deno.test("github gets its token by environment, and only what it declares", async () => {
  const variables = { GITHUB_PERSONAL_ACCESS_TOKEN: "t0ken", OTHER: "no" };
  const scope = scopeOf({}, variables);
  const { args, env } = await catalogCommand(serverOf("github"), [], scope);
  assert.equal(env["GITHUB_PERSONAL_ACCESS_TOKEN"], "t0ken");
  assert.equal(env["OTHER"], undefined);
  assert.equal(env["PATH"], "/bin");
  assert(!args.join(" ").includes("t0ken"));
});

Deno.test("postgres gets its password by environment, never by argument", async () => {
  const cases = [
    ["postgres://u:p%40ss@db:5432/shop", "postgres://u@db:5432/shop", "p@ss"],
    ["postgres://u:100%@db/shop", "postgres://u@db/shop", "100%"],
    [
      "postgres://u@db/shop?password=p&ssl=1",
      "postgres://u@db/shop?ssl=1",
      "p",
    ],
    ["postgres://u:p@db/shop?password=q", "postgres://u@db/shop", "q"],
    ["postgres://u@db/shop", "postgres://u@db/shop", undefined],
  ] as const;
  for (const [url, argument, password] of cases) {
    const scope = scopeOf({}, { DATABASE_URL: url });
    const { args, env } = await catalogCommand(serverOf("postgres"), [], scope);
    assert.equal(args.at(-1), argument);
    assert.equal(env["PGPASSWORD"], password);
  }
});

Deno.test("what reads files of its own package may read the packages of Deno and nothing else", async () => {
  for (const name of ["fetch", "everything"]) {
    const { args } = await catalogCommand(serverOf(name), [], scopeOf());
    assert.deepEqual(
      args.filter((arg) => arg.startsWith("--allow-read")),
      ["--allow-read=/home/user/.cache/deno/npm"],
    );
  }
});

Deno.test("git may do all, said in the one way that Deno takes", async () => {
  const { args } = await catalogCommand(serverOf("git"), [], scopeOf());
  assert.deepEqual(args.filter((arg) => arg.startsWith("--allow")), [
    "--allow-all",
  ]);
});

Deno.test("a compiled Stigmer runs the catalog by Deno, else by npx", async () => {
  const programs = { deno: "/opt/deno", npx: "/opt/npx" };
  const both = scopeOf({ standalone: true, programs });
  const server = serverOf("time");
  assert.equal((await catalogCommand(server, [], both)).command, "/opt/deno");
  const only = scopeOf({ standalone: true, programs: { npx: "/opt/npx" } });
  const spawn = await catalogCommand(server, [], only);
  assert.equal(spawn.command, "/opt/npx");
  assert.deepEqual(spawn.args, ["-y", "time-mcp@1.0.6"]);
});

Deno.test("catalogCommand() names what is missing", async () => {
  const cases: readonly (readonly [string, CommandScope, RegExp])[] = [
    ["githbu", scopeOf(), /the catalog has no "githbu", it has .*github/],
    ["github", scopeOf(), /variable "GITHUB_PERSONAL_ACCESS_TOKEN"/],
    ["postgres", scopeOf(), /variable "DATABASE_URL"/],
    ["time", scopeOf({ standalone: true }), /neither deno nor npx/],
    ["constructor", scopeOf(), /the catalog has no "constructor"/],
  ];
  for (const [name, scope, message] of cases) {
    await assert.rejects(catalogCommand(serverOf(name), [], scope), message);
  }
});

Deno.test("stdioCommand() resolves program, folder and variables", () => {
  const stdio = {
    kind: "stdio",
    command: "./server.sh",
    args: ["--flag", "${LITERAL}"],
    env: { TOKEN: "${TOKEN}" },
    cwd: "sub",
  } as const;
  const spawn = stdioCommand(
    { ...serverOf("own"), transport: stdio },
    stdio,
    scopeOf({}, { TOKEN: "t" }),
  );
  assert.deepEqual(spawn, {
    command: "/project/server.sh",
    args: ["--flag", "${LITERAL}"],
    env: { PATH: "/bin", SSL_CERT_FILE: "/ca.pem", TOKEN: "t" },
    cwd: "/project/sub",
  });
});
