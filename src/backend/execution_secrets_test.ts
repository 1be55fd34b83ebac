import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert";
import { StigmerError } from "../model/error.ts";
import type { NewExecution } from "../model/execution.ts";
import { newId, parseExecutionId } from "../model/id.ts";
import { sealedNames } from "../store/sealed_values.ts";
import { handedExecution, whileSecretsChange } from "./execution_secrets.ts";
import { fakeDeps } from "./fake_deps.ts";
import { idSource, type ServiceDeps } from "./deps.ts";
import type { GivenSecrets } from "./variables.ts";

function newExecution(deps: ServiceDeps): NewExecution {
  const id = parseExecutionId(newId("wex", idSource(deps.host)));
  ok(id !== undefined);
  return {
    id,
    kind: "WorkflowExecution",
    name: "w",
    labels: {},
    spec: {},
    input: {},
    createdBy: "somebody",
  };
}

/** Gives the error that work throws. */
function thrownBy(work: () => void): StigmerError {
  try {
    work();
  } catch (error) {
    if (error instanceof StigmerError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

Deno.test("handedExecution() lets what is gone be tried again, and keeps none of it", () => {
  using deps = fakeDeps();
  const { database } = deps.store;
  const execution = newExecution(deps);
  const secrets: GivenSecrets = { A: { kind: "sealed", ownerId: "env-gone" } };
  const handed = handedExecution(deps, { execution, secrets });
  const error = thrownBy(() =>
    database.transaction(() => handed.keepSecrets?.())
  );
  strictEqual(error.code, "ABORTED");
  // With a cause, the engine gives a run whose child was handed it another try.
  ok(error.cause instanceof StigmerError);
  deepStrictEqual(sealedNames(database, execution.id), []);
});

Deno.test("handedExecution() takes no plain value", () => {
  using deps = fakeDeps();
  const execution = newExecution(deps);
  const secrets: GivenSecrets = { A: { kind: "plain", text: "s3cret-value" } };
  throws(
    () => handedExecution(deps, { execution, secrets }),
    (error: Error) => !error.message.includes("s3cret"),
  );
  strictEqual(handedExecution(deps, { execution, secrets: {} }), execution);
});

Deno.test("whileSecretsChange() tries again what was overtaken, and not for ever", async () => {
  let tries = 0;
  const overtaken = (until: number, code: "ABORTED" | "INTERNAL") => () => {
    tries++;
    if (tries >= until) return Promise.resolve(tries);
    return Promise.reject(new StigmerError(code, "Overtaken"));
  };
  strictEqual(await whileSecretsChange(overtaken(3, "ABORTED")), 3);
  tries = 0;
  await rejects(whileSecretsChange(overtaken(Infinity, "ABORTED")));
  ok(tries > 1 && tries < 100);
  tries = 0;
  await rejects(whileSecretsChange(overtaken(3, "INTERNAL")));
  strictEqual(tries, 1);
});
