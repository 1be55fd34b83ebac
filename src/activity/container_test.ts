import assert from "node:assert/strict";
import { until } from "../../tests/until.ts";
import type { Host } from "../host/host.ts";
import { systemHost } from "../host/system.ts";
import type { ActivityContext, ActivityOutcome } from "../model/durable.ts";
import { StigmerError } from "../model/error.ts";
import type { Json, JsonObject } from "../model/json.ts";
import {
  createContainerActivity,
  requireContainerEngine,
} from "./container.ts";

const POSIX = { ignore: Deno.build.os === "windows" };
const system = systemHost();

/**
 * An engine that writes down how it is called, one line a call, and runs
 * the command of a container on the host. `ps` lists what is in its file.
 */
const ENGINE = `#!/bin/sh
here=$(dirname "$0")
{ for word in "$@"; do printf '%s|' "$word"; done; echo "{$SECRET}{$DOCKER_HOST}"; } >> "$here/calls"
case $1 in
  ps) cat "$here/containers" 2>/dev/null; exit 0 ;;
  rm|kill) : > "$here/containers"; exit 0 ;;
esac
case "$*" in *missing-image*) echo "no such image" >&2; exit 125 ;; esac
while [ $# -gt 0 ] && [ "$1" != sh ]; do shift; done
if [ $# -eq 0 ]; then cat; exit 0; fi
echo container-id > "$here/containers"
exec "$@"
`;

/** A host whose only program is that engine. */
class FakeEngine implements AsyncDisposable {
  readonly folder: string;
  readonly host: Host;

  constructor(folder: string, name: string) {
    this.folder = folder;
    this.host = {
      ...system,
      env: { get: (it) => it === "DOCKER_HOST" ? "tcp://x" : undefined },
      processes: {
        ...system.processes,
        find: (it) => it === name ? `${folder}/${name}` : undefined,
      },
    };
  }

  /** How it was called, without asking for what is there. */
  async calls(): Promise<string[]> {
    const text = await Deno.readTextFile(`${this.folder}/calls`).catch(() =>
      ""
    );
    return text.split("\n").filter((it) => it !== "" && !it.startsWith("ps|"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function fakeEngine(name = "docker"): Promise<FakeEngine> {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/${name}`, ENGINE, { mode: 0o755 });
  return new FakeEngine(folder, name);
}

async function run(
  engine: FakeEngine,
  input: JsonObject,
  options: { signal?: AbortSignal; deltas?: string[] } = {},
): Promise<ActivityOutcome> {
  const context: ActivityContext = {
    executionId: "wex-1",
    path: "/do/0/c",
    name: "c",
    attempt: 1,
    idempotencyKey: "wex-1/do/0/c#1",
    signal: options.signal ?? new AbortController().signal,
    variables: {},
    workingDirectory: engine.folder,
    emit: ({ text }) => options.deltas?.push(text),
  };
  const activity = createContainerActivity({ host: engine.host });
  return await activity({ image: "alpine", ...input }, context);
}

function outputOf(outcome: ActivityOutcome): Json {
  assert.equal(outcome.kind, "completed", JSON.stringify(outcome));
  return outcome.kind === "completed" ? outcome.output : null;
}

Deno.test(
  "container runs a command with stdin and arguments",
  POSIX,
  async () => {
    await using engine = await fakeEngine();
    const outcome = await run(engine, {
      command:
        'input=$(cat)\necho "STDIN was: $input"\necho "ARGS are $1 $2"\n',
      stdin: "Hello World",
      arguments: ["Foo", "Bar"],
    });
    assert.equal(
      outputOf(outcome),
      "STDIN was: Hello World\nARGS are Foo Bar\n",
    );
  },
);

Deno.test("container gives the engine what the task says", POSIX, async () => {
  await using engine = await fakeEngine("podman");
  await run(engine, {
    name: "mine",
    ports: { 8080: 80, "127.0.0.1:9000": "9000/udp" },
    volumes: { "./data": "/data", cache: "/cache" },
    environment: { SECRET: "hush", PLAIN: 7 },
    pullPolicy: "always",
    cleanup: "always",
    arguments: ["--flag"],
    stdin: "",
  });
  const [call] = await engine.calls();
  const [before, label, rest] = call?.split(/\|(ai\.stigmer\.attempt=\w+)\|/) ??
    [];
  assert.equal(before, "run|--name|mine|--label");
  assert.match(label ?? "", /^ai\.stigmer\.attempt=[0-9a-f]{24}$/);
  // Values are in the engine's environment, and never in its arguments.
  assert.equal(
    rest,
    "--pull=always|--rm|--interactive|--publish|8080:80|--publish|" +
      `127.0.0.1:9000:9000/udp|--volume|${engine.folder}/./data:/data|` +
      "--volume|cache:/cache|--env|SECRET|--env|PLAIN|alpine|--flag|" +
      "{hush}{tcp://x}",
  );
});

Deno.test(
  "container is named after its workflow, attempt and task",
  POSIX,
  async () => {
    await using engine = await fakeEngine();
    await run(engine, {
      image: "hello-world",
      workflow: "order me",
      namespace: "shop",
    });
    const [call] = await engine.calls();
    assert.match(
      call ?? "",
      /^run\|--name\|order-me-([0-9a-f]{24})\.shop-c\|--label\|ai\.stigmer\.attempt=\1\|--pull=missing\|hello-world\|/,
    );
  },
);

Deno.test("container returns what a process does", POSIX, async () => {
  await using engine = await fakeEngine();
  const command = "echo out; echo err >&2; exit 3";
  const all = await run(engine, { command, return: "all" });
  assert.deepEqual(outputOf(all), {
    code: 3,
    stdout: "out\n",
    stderr: "err\n",
  });
  assert.equal(outputOf(await run(engine, { command, return: "code" })), 3);
  const failed = await run(engine, { command });
  assert.ok(failed.kind === "failed");
  assert.equal(
    failed.failure.detail,
    'Container "alpine" exited with 3: err',
  );
});

Deno.test(
  "container tells a failure of the engine from one inside",
  POSIX,
  async () => {
    await using engine = await fakeEngine();
    for (const what of ["stdout", "code", "all"]) {
      const outcome = await run(engine, {
        image: "missing-image",
        return: what,
      });
      assert.ok(outcome.kind === "failed");
      assert.equal(
        outcome.failure.detail,
        'Cannot run container "missing-image": the container engine failed: ' +
          "no such image",
      );
    }
  },
);

Deno.test(
  "container is removed when aborted, but kept when it is to stay",
  POSIX,
  async () => {
    for (
      const [cleanup, how] of [["always", "rm|--force|"], ["never", "kill|"]]
    ) {
      await using engine = await fakeEngine();
      const abort = new AbortController();
      const deltas: string[] = [];
      const running = run(engine, {
        command: "echo on; sleep 60",
        cleanup: cleanup ?? "",
      }, { signal: abort.signal, deltas });
      await until(() => deltas.includes("on\n"));
      abort.abort(new DOMException("cancelled", "AbortError"));
      await running.catch(() => {});
      const calls = await engine.calls();
      assert.equal(calls.at(-1), `${how}container-id|{}{tcp://x}`);
    }
  },
);

Deno.test(
  "container that a crash left behind is removed first",
  POSIX,
  async () => {
    await using engine = await fakeEngine();
    await Deno.writeTextFile(`${engine.folder}/containers`, "old-1\nold-2\n");
    await run(engine, {});
    const calls = await engine.calls();
    assert.equal(calls[0], "rm|--force|old-1|old-2|{}{tcp://x}");
    assert.match(calls[1] ?? "", /^run\|/);
  },
);

Deno.test(
  "container that nobody waits for is left to the engine",
  POSIX,
  async () => {
    await using engine = await fakeEngine();
    const outcome = await run(engine, { await: false, stdin: "unread" });
    assert.equal(outputOf(outcome), null);
    const [call] = await engine.calls();
    assert.match(call ?? "", /\|--detach\|alpine\|/);
    assert.doesNotMatch(call ?? "", /interactive/);
  },
);

Deno.test("container is removed eventually", POSIX, async () => {
  await using engine = await fakeEngine();
  await run(engine, {
    cleanup: "eventually",
    cleanupAfterMs: 1,
    name: "later",
  });
  await until(async () =>
    (await engine.calls()).includes("rm|--force|later|{}{tcp://x}")
  );
});

Deno.test("container cannot steer the engine", POSIX, async () => {
  await using engine = await fakeEngine();
  for (const name of ["PATH", "HOME", "DOCKER_HOST", "CONTAINER_HOST"]) {
    await assert.rejects(
      run(engine, { environment: { [name]: "x" } }),
      (error) =>
        error instanceof StigmerError && error.code === "INVALID_ARGUMENT" &&
        error.message.includes(`"${name}"`),
    );
  }
  assert.deepEqual(await engine.calls(), []);
});

Deno.test("requireContainerEngine() names both engines when there is none", () => {
  const processes = { ...system.processes, find: () => undefined };
  assert.throws(
    () => requireContainerEngine({ processes }),
    /Cannot run containers: there is neither docker nor podman on PATH/,
  );
});

Deno.test(
  "container takes no options of the engine for an image",
  POSIX,
  async () => {
    await using engine = await fakeEngine();
    for (const image of ["--privileged", "-v=/:/host", ""]) {
      await assert.rejects(
        run(engine, { image, arguments: ["alpine"] }),
        (error) =>
          error instanceof StigmerError && error.code === "INVALID_ARGUMENT" &&
          error.message.includes(`"${image}"`),
      );
    }
    assert.deepEqual(await engine.calls(), []);
  },
);
