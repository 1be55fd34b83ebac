import { deepStrictEqual, rejects } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { StigmerError } from "../model/error.ts";
import { createOpenSecrets } from "./secrets.ts";

Deno.test("secrets are variables of the process: texts, or objects in JSON", async () => {
  const open = createOpenSecrets({
    host: fakeHost({
      env: {
        STIGMER_SECRET_TOKEN: "t0ken",
        STIGMER_SECRET_pet_store: '{"username": "ada", "password": "x"}',
        STIGMER_SECRET_BRACE: "{not json",
        STIGMER_SECRET_NUMBER: "42",
      },
    }),
  });
  deepStrictEqual(
    await open("wex-1", ["TOKEN", "pet-store", "BRACE", "NUMBER"]),
    {
      TOKEN: "t0ken",
      "pet-store": { username: "ada", password: "x" },
      BRACE: "{not json",
      NUMBER: "42",
    },
  );
});

Deno.test("a secret that is not there is an error that names it and the way out", async () => {
  for (const env of [{}, { STIGMER_SECRET_TOKEN: "" }]) {
    const open = createOpenSecrets({ host: fakeHost({ env }) });
    await rejects(
      open("wex-1", ["TOKEN"]),
      (error) =>
        error instanceof StigmerError && error.code === "PERMISSION_DENIED" &&
        error.message ===
          'Cannot open secret "TOKEN": the process that runs the execution ' +
            "has no variable STIGMER_SECRET_TOKEN, set it and run again",
    );
  }
});
