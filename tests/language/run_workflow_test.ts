import { deepStrictEqual, equal, match, rejects } from "node:assert/strict";
import { Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import {
  type Backend,
  type BackendClient,
  openBackend,
} from "../../src/backend/open.ts";
import { valueMessage } from "../../src/backend/proto_json.ts";
import { readManifests } from "../../src/manifest/read.ts";
import type { Json } from "../../src/model/json.ts";
import { temporaryHome } from "../backend/suite.ts";
import { failureOfExecution, outputOf, runWorkflow } from "./run_example.ts";

const CHILD = `
document: { dsl: 1.0.3, namespace: shop, name: greet, version: 1.2.0 }
input:
  schema:
    document: { type: object, required: [name] }
do:
  - hello: { set: { greeting: '\${ "Hello " + .name }' } }
`;

function parent(run: string, more = ""): string {
  return `
document: { dsl: 1.0.3, namespace: shop, name: parent, version: 1.0.0 }
do:
  - greet:
      ${more}
      run: ${run}
`;
}

/** Expressions are evaluated in a worker, which outlives a test. */
const OPEN = { sanitizeOps: false, sanitizeResources: false };

Deno.test(
  "run workflow gives the input and takes the output",
  OPEN,
  async () => {
    for (const version of ["1.2.0", "latest"]) {
      const execution = await runWorkflow(
        parent(
          `{ workflow: { namespace: shop, name: greet, version: "${version}", input: { name: "\${ .who }" } } }`,
        ),
        { input: { who: "Ada" }, definitions: CHILD },
      );
      deepStrictEqual(outputOf(execution), { greeting: "Hello Ada" });
    }
  },
);

Deno.test(
  "run workflow without an input passes that of the task on",
  OPEN,
  async () => {
    const execution = await runWorkflow(
      parent(
        "{ workflow: { namespace: shop, name: greet, version: 1.2.0 } }",
        "input: { from: '${ {name: .who} }' }",
      ),
      { input: { who: "Bo" }, definitions: CHILD },
    );
    deepStrictEqual(outputOf(execution), { greeting: "Hello Bo" });
  },
);

Deno.test("run workflow leaves data as it is", OPEN, async () => {
  const execution = await runWorkflow(
    parent("{ workflow: { namespace: shop, name: greet, version: latest } }"),
    { input: { name: "${ .secret }" }, definitions: CHILD },
  );
  deepStrictEqual(outputOf(execution), { greeting: "Hello ${ .secret }" });
});

Deno.test(
  "run workflow fails as its child does, at its own place",
  OPEN,
  async () => {
    const execution = await runWorkflow(
      parent("{ workflow: { namespace: shop, name: greet, version: latest } }"),
      { input: {}, definitions: CHILD },
    );
    const failure = failureOfExecution(execution);
    match(String(failure.type), /errors\/validation$/);
    equal(failure.instance, "/do/0/greet");
    match(String(failure.detail), /^Execution "wex-\w+": .*"name"/);
  },
);

/** A backend with what was applied to it. */
class Applied implements AsyncDisposable {
  readonly #home = temporaryHome();
  #backend: Backend | undefined;

  async client(): Promise<BackendClient> {
    this.#backend ??= await openBackend({ home: this.#home.path });
    return this.#backend.client;
  }

  /** Applies the documents of a text; gives what is wrong with each. */
  async apply(text: string): Promise<string[]> {
    const { documents } = await readManifests([{ name: "w.yaml", text }]);
    const client = await this.client();
    const { results } = await client.applyResources({
      resources: documents.map(({ resource }) => resource),
    });
    return results.flatMap(({ diagnostics }) =>
      diagnostics.map(({ pointer, message }) => `${pointer} ${message}`)
    );
  }

  async run(name: string, input: Json): Promise<Json> {
    const client = await this.client();
    const { execution } = await client.createExecution({
      kind: "Workflow",
      name,
      input: valueMessage(input),
    });
    const id = execution?.metadata?.id ?? "";
    for await (const _ of client.watchExecution({ id }));
    const got = await client.getExecution({ id });
    equal(got.execution?.status?.phase, Phase.COMPLETED);
    return outputOf(got.execution);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#backend?.[Symbol.asyncDispose]();
    await this.#home[Symbol.asyncDispose]();
  }
}

const WHERE = "/spec/do/0/greet/run/workflow/name";

function running(version: string, namespace = "shop"): string {
  return parent(
    `{ workflow: { namespace: ${namespace}, name: greet, version: ${version} } }`,
  );
}

Deno.test(
  "run workflow takes the version that is asked for",
  OPEN,
  async () => {
    await using applied = new Applied();
    deepStrictEqual(await applied.apply(CHILD), []);
    const newer = CHILD.replace("1.2.0", "2.0.0").replace("Hello", "Hi");
    deepStrictEqual(await applied.apply(newer), []);
    const cases = [["2.0.0", "Hi"], ["1.2.0", "Hello"], ["latest", "Hi"]];
    for (const [version = "", word] of cases) {
      deepStrictEqual(await applied.apply(running(version)), []);
      deepStrictEqual(await applied.run("parent", { name: "Ada" }), {
        greeting: `${word} Ada`,
      });
    }
  },
);

Deno.test(
  "apply refuses a workflow that runs what is not there",
  OPEN,
  async () => {
    await using applied = new Applied();
    deepStrictEqual(await applied.apply(running("latest")), [
      `${WHERE} There is no workflow "greet"`,
    ]);
    deepStrictEqual(await applied.apply(CHILD), []);
    deepStrictEqual(await applied.apply(running("3.0.0")), [
      `${WHERE} There is no version "3.0.0" of workflow "greet": there is 1.2.0`,
    ]);
    deepStrictEqual(await applied.apply(running("latest", "other")), [
      `${WHERE} There is no workflow "greet" of namespace "other": it is of ` +
      'namespace "shop"',
    ]);
  },
);

Deno.test(
  "apply takes workflows that run one another, and keeps them",
  OPEN,
  async () => {
    await using applied = new Applied();
    const other = CHILD.replace(
      /do:[^]*/,
      `do: [{ back: { if: "\${ false }", run: { workflow: { namespace: shop, name: parent, version: 1.0.0 } } } }]`,
    );
    deepStrictEqual(
      await applied.apply(`${running("latest")}\n---\n${other}`),
      [],
    );
    const client = await applied.client();
    await rejects(
      client.deleteWorkflow({ name: "greet" }),
      /Cannot delete workflow "greet": .*"parent"/,
    );
  },
);

Deno.test("run refuses a file that runs what is not there", OPEN, async () => {
  await rejects(
    runWorkflow(running("latest"), { input: {} }),
    /Unknown workflow "greet"/,
  );
  await rejects(
    runWorkflow(running("9.9.9"), { input: {}, definitions: CHILD }),
    /Unknown workflow "greet" of namespace "shop" and version "9.9.9"/,
  );
});

Deno.test(
  "run workflow that is not waited for gives its input on",
  OPEN,
  async () => {
    const execution = await runWorkflow(
      parent(
        "{ workflow: { namespace: shop, name: greet, version: latest }, await: false }",
      ),
      { input: { name: "Ada" }, definitions: CHILD },
    );
    equal(execution.status?.phase, Phase.COMPLETED);
    deepStrictEqual(outputOf(execution), { name: "Ada" });
  },
);

Deno.test("run workflow ends what runs itself for ever", OPEN, async () => {
  const execution = await runWorkflow(
    parent("{ workflow: { namespace: shop, name: parent, version: latest } }"),
    { input: {} },
  );
  match(
    String(failureOfExecution(execution).detail),
    /Cannot start another execution: 32 were started by one another already/,
  );
});
