/**
 * What children are given: each is started as it is in a run, and looked at
 * from outside while it runs.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createContainerActivity } from "../../src/activity/container.ts";
import { createScriptActivity } from "../../src/activity/script.ts";
import { createShellActivity } from "../../src/activity/shell.ts";
import { createAgentActivities } from "../../src/agent/activities.ts";
import type { Host } from "../../src/host/host.ts";
import { systemHost } from "../../src/host/system.ts";
import { createMcpActivity } from "../../src/mcp/call.ts";
import type { ToolTransport } from "../../src/mcp/server.ts";
import type { Activity } from "../../src/model/durable.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { activityContext } from "../servers/recorder.ts";
import { until } from "../until.ts";

const LINUX = { ignore: Deno.build.os !== "linux" };
const TOOLS = fileURLToPath(
  new URL("../servers/tool_server.ts", import.meta.url),
);
/** What this process has for itself. */
const OWN = {
  STIGMER_MASTER_KEY: "own-master-key-0f9a3c",
  STIGMER_SECRET_TOKEN: "own-process-secret-7b21",
  ANTHROPIC_API_KEY: "own-provider-key-55e0",
  OPENAI_API_KEY: "own-provider-key-91cc",
};

/** One kind of child, given one secret that nobody else is. */
interface Child {
  readonly kind: string;
  readonly activity: Activity;
  readonly input: Json;
  /** The secret, where the activity opens it by itself. */
  readonly opens?: string;
}

/** A machine whose only container engine and Deno are programs of the test. */
function hostWith(
  folder: string,
  programs: readonly string[],
  standalone = false,
): Host {
  const system = systemHost();
  return {
    ...system,
    platform: { ...system.platform, standalone },
    processes: {
      ...system.processes,
      find: (name) =>
        programs.includes(name)
          ? `${folder}/${name}`
          : system.processes.find(name),
    },
  };
}

async function writeProgram(path: string, lines: string): Promise<void> {
  await Deno.writeTextFile(path, `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
}

function secretOf(kind: string): string {
  return `s3cret-of-the-${kind}`;
}

function toolOf(
  host: Host,
  server: { readonly name: string; readonly transport: ToolTransport },
): Pick<Child, "activity" | "input"> & AsyncDisposable {
  const agents = createAgentActivities({ host });
  const { tool } = agents.activities;
  assert.ok(tool);
  return {
    activity: tool,
    input: JSON.parse(JSON.stringify({
      server: { ...server, enabledTools: [] },
      tool: "echo",
      arguments: {},
    })),
    [Symbol.asyncDispose]: () => agents.close(),
  };
}

function serverArguments(log: string): readonly string[] {
  return ["run", "-q", "--no-config", "-A", TOOLS, "hang", log];
}

/** A process of the machine. */
interface Process {
  readonly pid: string;
  readonly commandLine: string;
  readonly environment: string;
}

async function processes(): Promise<readonly Process[]> {
  const found: Process[] = [];
  for await (const { name: pid } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(pid) || pid === String(Deno.pid)) continue;
    const read = (file: string): Promise<string> =>
      Deno.readTextFile(`/proc/${pid}/${file}`).catch(() => "");
    found.push({
      pid,
      commandLine: await read("cmdline"),
      environment: await read("environ"),
    });
  }
  return found;
}

/** Starts a child; it runs until it is aborted. */
function start(
  child: Child,
  options: { readonly signal: AbortSignal; readonly folder: string },
): { readonly ended: Promise<unknown>; readonly isReady: () => boolean } {
  let isReady = false;
  const { opens } = child;
  const context = activityContext({
    idempotencyKey: child.kind,
    executionId: child.kind,
    signal: options.signal,
    workingDirectory: options.folder,
    emit: () => void (isReady = true),
    ...(opens === undefined ? {} : {
      secrets: {
        names: [opens, "NOT_DECLARED"],
        open: (names) =>
          Promise.resolve(Object.fromEntries(
            names.map((name) => [
              name,
              name === opens ? secretOf(child.kind) : "not-declared-at-all",
            ]),
          )),
        hide: (text) => text,
      },
    }),
  });
  const ended = child.activity(child.input, context).catch(() => undefined);
  return { ended, isReady: () => isReady };
}

Deno.test(
  "a secret is in the environment of the child it was declared for, and nowhere else",
  LINUX,
  async () => {
    const folder = await Deno.realPath(await Deno.makeTempDir());
    const stop = new AbortController();
    const given = (kind: string): JsonObject => ({
      environment: { GIVEN: secretOf(kind) },
      await: true,
      return: "stdout",
    });
    await writeProgram(
      `${folder}/docker`,
      "case $1 in run) echo x; sleep 60;; esac",
    );
    await writeProgram(
      `${folder}/deno`,
      `exec ${Deno.execPath()} ${
        serverArguments(`${folder}/catalog`).join(" ")
      }`,
    );
    await using own = toolOf(systemHost(), {
      name: "own",
      transport: {
        kind: "stdio",
        command: Deno.execPath(),
        args: serverArguments(`${folder}/server`),
        env: { MY_TOKEN: "Bearer ${TOKEN}" },
        cwd: "",
      },
    });
    await using catalog = toolOf(hostWith(folder, ["deno"], true), {
      name: "github",
      transport: { kind: "catalog", args: [] },
    });
    const host = systemHost();
    const children: readonly Child[] = [
      {
        kind: "shell",
        activity: createShellActivity({ host }),
        input: { ...given("shell"), command: "echo x; sleep 60" },
      },
      {
        kind: "script",
        activity: createScriptActivity({ host }),
        input: {
          ...given("script"),
          language: "js",
          code: "console.log('x'); setTimeout(() => {}, 60_000);",
        },
      },
      ...(host.processes.find("python3") === undefined ? [] : [{
        kind: "python",
        activity: createScriptActivity({ host }),
        input: {
          ...given("python"),
          language: "python",
          code: "import time\nprint('x')\ntime.sleep(60)",
        },
      }]),
      {
        kind: "container",
        activity: createContainerActivity({
          host: hostWith(folder, ["docker"]),
        }),
        input: { ...given("container"), image: "alpine", pullPolicy: "never" },
      },
      { kind: "server", ...own, opens: "TOKEN" },
      { kind: "catalog", ...catalog, opens: "GITHUB_PERSONAL_ACCESS_TOKEN" },
      {
        kind: "mcp",
        activity: createMcpActivity({
          host,
          sender: { fetch: () => Promise.reject(new Error("no network")) },
        }),
        input: {
          method: "tools/call",
          parameters: { name: "echo", arguments: {} },
          transport: {
            stdio: {
              command: Deno.execPath(),
              arguments: serverArguments(`${folder}/mcp`),
              environment: { GIVEN: secretOf("mcp") },
            },
          },
        },
      },
    ];
    for (const [name, value] of Object.entries(OWN)) Deno.env.set(name, value);
    const started = children.map((child) => ({
      child,
      ...start(child, { signal: stop.signal, folder }),
    }));
    try {
      await until(async () => {
        const logs = await Promise.all(
          ["server", "catalog", "mcp"].map((name) =>
            Deno.readTextFile(`${folder}/${name}`).catch(() => "")
          ),
        );
        return logs.every((log) => log.includes("call echo")) &&
          started.every(({ child, isReady }) =>
            ["server", "catalog", "mcp"].includes(child.kind) || isReady()
          );
      });
      const running = await processes();
      const secrets = children.map(({ kind }) => secretOf(kind));
      for (const secret of secrets) {
        const holders = running.filter((it) => it.environment.includes(secret));
        assert.ok(holders.length > 0, `nobody was given ${secret}`);
        for (const { commandLine, environment } of holders) {
          assert.doesNotMatch(commandLine, /stigmer-guard/);
          const others = secrets.filter((it) => environment.includes(it));
          assert.deepEqual(others, [secret], commandLine);
        }
      }
      for (const { commandLine, environment } of running) {
        const inArguments = secrets.filter((it) => commandLine.includes(it));
        assert.deepEqual(inArguments, [], commandLine);
        // Tests beside this one start programs that are given what it has.
        const isChild = commandLine.includes("stigmer-guard") ||
          commandLine.includes(folder) ||
          secrets.some((it) => environment.includes(it));
        if (!isChild) continue;
        for (const value of [...Object.values(OWN), "not-declared-at-all"]) {
          assert.ok(!commandLine.includes(value));
          assert.ok(!environment.includes(value), `${value}: ${commandLine}`);
        }
      }
    } finally {
      for (const name of Object.keys(OWN)) Deno.env.delete(name);
      stop.abort();
      await Promise.all(started.map(({ ended }) => ended));
      await Deno.remove(folder, { recursive: true });
    }
  },
);
