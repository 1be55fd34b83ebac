import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { until } from "../until.ts";
import { startEchoServer } from "./echo_server.ts";
import { oddSecrets } from "./odd_secrets.ts";
import { createScene, MAY_HAVE, type Scene } from "./scene.ts";
import { report, searchFor } from "./search.ts";

const POSIX = { ignore: Deno.build.os === "windows" };

function newSeed(): string {
  return crypto.randomUUID().slice(-12);
}

/** Makes an environment of all secrets, and a variable that is found. */
async function furnish(
  scene: Scene,
  names: readonly string[],
  control: string,
): Promise<void> {
  await scene.run([
    ..."env create canary --var".split(" "),
    `CONTROL=${control}`,
    ...names.flatMap((name) => ["--secret-file", scene.given(name)]),
  ]);
}

/** Fails when a secret is found, and when the control is not. */
async function searchAll(scene: Scene, control: string): Promise<void> {
  const found = await scene.search(
    searchFor([{ name: "CONTROL", value: control }]),
  );
  assert.ok(found.some((it) => it.where.includes("stigmer.db")));
  assert.deepEqual(report(await scene.search()), []);
}

/** Rows of the database that are asked for, read as somebody else would. */
function rows(scene: Scene, sql: string): readonly Record<string, unknown>[] {
  const path = `${scene.place.home}/stigmer.db`;
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

Deno.test(
  "no environment, manifest, export or rotation leaves a secret in anything that is kept, said or seen",
  POSIX,
  async () => {
    const seed = newSeed();
    const secrets = oddSecrets(seed);
    const names = secrets.map((it) => it.name);
    const control = `control_${seed}_variable`;
    await using scene = await createScene(secrets);
    const { place } = scene;
    await scene.run(["init"]);
    await furnish(scene, names, control);
    // Written anew, from another source, and once more the same.
    await scene.run(["env", "set", "canary", "--secret", "PLAIN=-"], {
      stdin: secrets.find((it) => it.name === "PLAIN")?.value ?? "",
    });
    await scene.run([
      ..."env set canary --secret-file".split(" "),
      `TOO=${place.folder}/given/QUOTES`,
      ...["--secret-ref", `REF=file:${place.folder}/given/LONG`],
    ]);
    const plain = {
      apiVersion: "agentic.stigmer.ai/v1",
      kind: "Environment",
      metadata: { name: "plain" },
      spec: {
        secrets: Object.fromEntries(secrets.map((it) => [it.name, it.value])),
      },
    };
    // Each as YAML has it that people write, and as one line.
    const text = JSON.stringify(plain, undefined, 2);
    await place.write("given/plain.yaml", text);
    await place.write("given/line.yaml", JSON.stringify(plain));
    await place.write(
      "given/bad.yaml",
      `${text.slice(0, -2)}, "unknown": [\n`,
    );
    for (const file of ["plain", "line", "bad"]) {
      const path = `${place.folder}/given/${file}.yaml`;
      for (const verb of ["validate", "diff -f", "apply -f", "run"]) {
        const words = [...verb.split(" "), path, "--debug"];
        const { code } = await scene.run(words, { code: -1 });
        assert.ok(code > 0, `${verb} ${file}`);
      }
    }
    const allowed = [`${place.folder}/given/plain.yaml`, "--allow-plain"];
    await scene.run(["apply", "-f", ...allowed, "--dry-run"]);
    await scene.run(["apply", "-f", ...allowed]);
    await scene.run(["apply", "-f", ...allowed, "-o", "json"]);
    const sealed = await scene.run(["env", "get", "canary", "--sealed"]);
    await place.write("sealed.yaml", sealed.stdout);
    for (
      const line of [
        "apply -f sealed.yaml",
        "diff -f sealed.yaml",
        "env get canary",
        "env get canary -o json",
        "env get canary -o yaml",
        "env list -o json",
        "env versions canary -o json",
        "env get canary --version 1 -o json",
        "env set canary MORE=1 -o json",
        "env unset canary FOUR -o json",
        "secrets rotate",
        "secrets rekey canary plain",
        "secrets rotate --forget-old",
        "env rename canary bird -o json",
        "secrets status -o json",
        "secrets audit --all -o json",
        "doctor",
      ]
    ) {
      await scene.run(line.split(" "));
    }
    await scene.run("env get bird --reveal PLAIN".split(" "), { code: 2 });
    // What is shown on purpose is what it was; it is not searched.
    const shown = await place.json(
      ["env", "get", "bird", "--yes", "-o", "json"].concat(
        names.filter((it) => it !== "FOUR").flatMap((it) => ["--reveal", it]),
      ),
    );
    for (const { name, value } of secrets) {
      if (name === "FOUR") continue;
      const written = JSON.stringify(value.replace(/\n$/, "")).slice(0, -1);
      assert.ok(JSON.stringify(shown).includes(written), name);
    }
    await searchAll(scene, control);
    await scene.run("env delete bird plain --yes".split(" "));
    const [{ left } = {}] = rows(
      scene,
      "SELECT count(*) AS left FROM sealed_values",
    );
    assert.equal(left, 0);
    await searchAll(scene, control);
  },
);

/** A workflow that tells all it has to a server, slowly, and then fails. */
function slowFlow(names: readonly string[], url: string): string {
  const all = names.map((it) => `\${ $secrets.${it} }`);
  return JSON.stringify({
    document: {
      dsl: "1.0.3",
      namespace: "canary",
      name: "slow",
      version: "1.0.0",
    },
    use: { secrets: [...names] },
    do: [
      { keep: { set: { all }, export: { as: "${ {kept: .all} }" } } },
      {
        tell: {
          call: "http",
          with: {
            method: "post",
            endpoint: `${url}/text`,
            body: { value: "${ $context.kept }" },
          },
        },
      },
      {
        wait: {
          run: {
            shell: {
              command: 'printenv | grep -v "^PATH"; exec sleep 1',
              environment: {
                [MAY_HAVE]: "1",
                ...Object.fromEntries(
                  names.map((it) => [it, `\${ $secrets.${it} }`]),
                ),
              },
            },
            return: "all",
          },
        },
      },
      {
        fail: {
          call: "http",
          with: {
            method: "post",
            endpoint: `${url}/fail`,
            body: "${ $context.kept }",
          },
        },
      },
    ],
  });
}

Deno.test(
  "no crash, takeover or retry leaves a secret in anything that is kept, said or seen",
  POSIX,
  async () => {
    const seed = newSeed();
    const secrets = oddSecrets(seed);
    const names = secrets.map((it) => it.name);
    const control = `control_${seed}_variable`;
    await using echo = startEchoServer();
    await using scene = await createScene(secrets);
    await furnish(scene, names, control);
    const { place } = scene;
    await place.write("slow.yaml", slowFlow(names, echo.url));
    await scene.run(["apply", "-f", "slow.yaml"]);
    const words = "workflow execute slow --env canary".split(" ");
    const run = scene.start([...words, "--secret-file", scene.given("PLAIN")]);
    await until(() => echo.told.length > 0);
    // Whatever a crash leaves behind: the WAL, temporary files, the context.
    run.kill("SIGKILL");
    await run.ended;
    assert.ok(Number(rows(scene, COUNT)[0]?.["n"]) > names.length);
    await searchAll(scene, control);
    const worker = await scene.run(
      "worker --until-idle --debug".split(" "),
    );
    assert.equal(echo.told.at(-1)?.path, "/fail", worker.stderr);
    const [{ n, phase } = {}] = rows(scene, ENDED);
    assert.deepEqual([n, phase], [names.length, "FAILED"]);
    const { stdout } = await scene.run("execution list -o name".split(" "));
    const id = stdout.trim();
    await scene.run(["execution", "retry", id, "--debug"], { code: 5 });
    await scene.run([
      ...["execution", "retry", id, "--from", "tell", "--secret-file"],
      scene.given("PLAIN"),
    ], { code: 1 });
    for (const verb of ["get", "logs", "watch", "trace"]) {
      await scene.run(["execution", verb, id, "-o", "json"], { code: -1 });
    }
    await scene.run("secrets audit --all -o json".split(" "));
    await searchAll(scene, control);
  },
);

Deno.test(
  "no schedule leaves a secret in anything that is kept, said or seen",
  POSIX,
  async () => {
    const seed = newSeed();
    const secrets = oddSecrets(seed);
    const names = secrets.map((it) => it.name);
    const control = `control_${seed}_variable`;
    await using echo = startEchoServer();
    await using scene = await createScene(secrets);
    await furnish(scene, names, control);
    await scene.place.write("tick.yaml", tickFlow(names, echo.url));
    await scene.run(["apply", "-f", "tick.yaml"]);
    const worker = scene.start(["worker", "--debug"]);
    const isOver = (): boolean => Number(rows(scene, FAILED)[0]?.["n"]) > 0;
    await until(() => echo.told.length > 1 && isOver());
    worker.kill("SIGTERM");
    await worker.ended;
    const told = echo.told.map((it) => it.body).join("\n");
    assert.ok(
      secrets.every(({ value }) =>
        told.includes(JSON.stringify(value).slice(1, -1)) ||
        told.includes(value)
      ),
    );
    await scene.run("execution list -o json".split(" "));
    await scene.run("schedule get tick -o json".split(" "));
    await searchAll(scene, control);
  },
);

/** A workflow that starts by itself, with secrets of its instance. */
function tickFlow(names: readonly string[], url: string): string {
  const flow = {
    document: {
      dsl: "1.0.3",
      namespace: "canary",
      name: "tick",
      version: "1.0.0",
    },
    use: { secrets: [...names] },
    schedule: { every: { seconds: 1 } },
    do: ["text", "fail"].map((path) => ({
      [path]: {
        call: "http",
        with: {
          method: "post",
          endpoint: `${url}/${path}`,
          body: { value: `\${ [${names.map((it) => `$secrets.${it}`)}] }` },
        },
      },
    })),
  };
  const instance = {
    apiVersion: "agentic.stigmer.ai/v1",
    kind: "WorkflowInstance",
    metadata: { name: "tick-default" },
    spec: { workflow: "tick", environments: ["canary"] },
  };
  return `${JSON.stringify(flow)}\n---\n${JSON.stringify(instance)}\n`;
}

const FAILED = "SELECT count(*) AS n FROM workflow_executions " +
  "WHERE phase = 'FAILED'";
const COUNT = "SELECT count(*) AS n FROM sealed_values";
/** What the environment has is left, and nothing of the run. */
const ENDED = "SELECT (SELECT count(*) FROM sealed_values) AS n, phase " +
  "FROM workflow_executions";
