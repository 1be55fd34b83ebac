import { ok, strictEqual } from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { ResourceSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { EnvironmentSchema } from "../../gen/stigmer/backend/v1/environment_pb.ts";
import { API_VERSION } from "../model/kind.ts";
import { resourceBySlug } from "../store/resources.ts";
import { deleteSealed, putSealed, sealedOf } from "../store/sealed_values.ts";
import { fakeKeySource } from "../vault/fake_source.ts";
import { changesSecrets, writeWithSecrets } from "./environment_secrets.ts";
import { createEnvironment } from "./environments.ts";
import { fakeDeps } from "./fake_deps.ts";
import { writeContext } from "./resource_context.ts";
import { readDraft } from "./resource_draft.ts";
import { vaultOf } from "./vault.ts";

Deno.test("a value is not taken for the same one when another was set meanwhile", async () => {
  using fake = fakeDeps();
  const deps = { ...fake, keySources: [fakeKeySource()] };
  const { database } = deps.store;
  const environment = create(EnvironmentSchema, {
    apiVersion: API_VERSION,
    kind: "Environment",
    metadata: { name: "prod" },
    spec: { secrets: { A: "wanted", B: "beta" } },
  });
  const { metadata } = await createEnvironment(deps, {
    environment,
    rules: {},
  });
  const id = metadata?.id ?? "";
  const [before] = sealedOf(database, id, ["A"]);
  ok(before !== undefined);
  deleteSealed(database, id, ["A"]);
  const other = await vaultOf(deps).sealFor(id, { A: "other" });
  putSealed(database, before, { nowMs: 0 });
  const { draft } = readDraft(create(ResourceSchema, {
    resource: { case: "environment", value: environment },
  }));
  ok(draft !== undefined);
  const stored = resourceBySlug(database, "Environment", "prod");
  ok(stored !== undefined);
  let rehearsals = 0;
  const changes = await writeWithSecrets<boolean>(
    deps,
    [{ draft, find: () => stored }],
    {
      rehearse() {
        rehearsals++;
        if (rehearsals > 1) return undefined;
        // Deleted and set anew, it has the version that it had.
        deleteSealed(database, id, ["A"]);
        vaultOf(deps).storeSealed(database, other);
        return undefined;
      },
      write: (secrets) =>
        changesSecrets({ ...writeContext(deps, ""), secrets }, draft, stored),
    },
  );
  strictEqual(changes, true);
  strictEqual(rehearsals, 2);
});
