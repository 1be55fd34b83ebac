import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { isJsonObject, type Json, member } from "../../src/model/json.ts";
import { document } from "./documents.ts";
import { runWithSecrets } from "./secrets.ts";

function at(value: Json, ...keys: readonly string[]): Json {
  return keys.reduce<Json>(
    (it, key) => isJsonObject(it) ? member(it, key) ?? null : null,
    value,
  );
}

Deno.test("an address in an authentication is opened though the rest of that is not known yet", () => {
  const ran = runWithSecrets(document([
    { a: { set: { tenant: "${ $secrets.OTHER }" } } },
    {
      b: {
        call: "http",
        with: {
          method: "get",
          endpoint: {
            uri: "https://a.test",
            authentication: {
              oauth2: {
                authority: "https://{tenant}.test/",
                endpoints: { token: "/{tenant}/token" },
                grant: "client_credentials",
                client: { id: "stigmer", secret: "${ $secrets.KEY }" },
              },
            },
          },
        },
      },
    },
  ], { use: { secrets: ["KEY", "OTHER"] } }));
  const authentication = ran.given["/do/1/b"] ?? null;
  const properties = at(authentication, "authentication", "properties");
  strictEqual(at(properties, "client", "secret"), "key-9f8e7d6c");
  strictEqual(at(properties, "authority"), "https://other-5a4b3c2d.test/");
  strictEqual(
    at(properties, "endpoints", "token"),
    "/other-5a4b3c2d/token",
  );
  deepStrictEqual(
    [...ran.opened["/do/1/b"] ?? []].toSorted(),
    ["KEY", "OTHER"],
  );
});

Deno.test("a field that wants a secret and how the call is authorized has both opened for it", () => {
  const ran = runWithSecrets(document([
    { a: { set: { tenant: "${ $secrets.OTHER }" } } },
    {
      b: {
        call: "http",
        with: {
          method: "get",
          headers: { both: "${ $authorization.parameter + $secrets.KEY }" },
          endpoint: {
            uri: "https://a.test",
            authentication: { bearer: { token: "${ $secrets.OTHER }" } },
          },
        },
      },
    },
  ], { use: { secrets: ["KEY", "OTHER"] } }));
  deepStrictEqual(
    [...ran.opened["/do/1/b"] ?? []].toSorted(),
    ["KEY", "OTHER"],
  );
});
