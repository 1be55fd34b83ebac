/**
 * How the specification's examples of calls and of authentication are run.
 *
 * @module
 */

import type { ExampleRun } from "./example_run.ts";
import {
  AVAILABLE,
  FAKE,
  guarded,
  KEYCLOAK,
  keycloakSecret,
  notifications,
  PET,
  PETS,
  SWAPI,
} from "./example_hosts.ts";

/** The examples that run, each at least once. */
export const EXAMPLE_CALL_RUNS: Readonly<
  Record<string, readonly ExampleRun[]>
> = {
  "authentication-bearer-uri-format.yaml": [{
    input: { petId: 1, token: "t-1" },
    hosts: guarded("t-1"),
    output: PET,
  }],
  "authentication-bearer.yaml": [{
    input: { token: "t-1" },
    hosts: guarded("t-1"),
    output: PET,
  }, {
    input: { token: "t-2" },
    hosts: guarded("t-1"),
    failure: {
      type: "communication",
      status: 401,
      instance: "/do/0/getPet",
      detail: "answered 401",
    },
  }],
  "authentication-oauth2-secret.yaml": [{
    input: { petId: 1 },
    secrets: { mySecret: keycloakSecret({ token: "/auth/token" }) },
    hosts: guarded("of-keycloak", KEYCLOAK),
    output: PET,
  }],
  "authentication-oauth2.yaml": [{
    input: { petId: 1 },
    hosts: guarded("of-keycloak", KEYCLOAK),
    output: PET,
  }],
  "authentication-oidc-secret.yaml": [{
    input: { petId: 1 },
    secrets: { mySecret: keycloakSecret(null) },
    hosts: guarded("of-keycloak", KEYCLOAK),
    output: PET,
  }],
  "authentication-oidc.yaml": [{
    input: { petId: 1 },
    hosts: guarded("of-keycloak", KEYCLOAK),
    output: PET,
  }],
  "authentication-reusable.yaml": [{
    input: { petId: 1, token: "t-1" },
    hosts: guarded("t-1"),
    output: PET,
  }],
  "call-asyncapi-publish.yaml": [{
    input: { pet: { id: 1 }, token: "t-1" },
    hosts: FAKE,
    output: {
      method: "POST",
      path: "/pets",
      query: {},
      headers: {
        "authorization": "Bearer t-1",
        "content-type": "application/json",
      },
      body: { petId: 1 },
    },
  }],
  "call-asyncapi-subscribe-consume-amount.yaml": [{
    hosts: FAKE,
    output: notifications([0, 2, 3, 4, 5]),
  }],
  "call-asyncapi-subscribe-consume-forever-foreach.yaml": [{
    hosts: FAKE,
    output: [0, 2, 3, 4, 5, 6].map((n) => ({
      specversion: "1.0",
      id: "…",
      time: "…",
      source: "https://open-workflow-specification.org/samples",
      type: "io.serverlessworkflow.samples.asyncapi.message.consumed.v1",
      datacontenttype: "application/json",
      data: { message: { payload: { n }, headers: {} } },
    })),
  }],
  "call-asyncapi-subscribe-consume-until.yaml": [{
    hosts: FAKE,
    output: notifications([0, 2, 3, 4, 5]),
  }],
  "call-asyncapi-subscribe-consume-while.yaml": [{
    hosts: FAKE,
    output: notifications([0, 2, 3, 4, 5]),
  }],
  "call-custom-function-cataloged.yaml": [{
    files: {
      "https://raw.githubusercontent.com/serverlessworkflow/catalog/main/functions/log/1.0.0/function.yaml":
        `
input:
  schema:
    document:
      type: object
      required: [message]
set:
  logged: '\${ "\\(.level): \\(.message)" }'
`,
    },
    output: { logged: "information: Hello, world!" },
  }],
  "call-custom-function-inline.yaml": [{
    hosts: PETS,
    output: { id: 69, name: "Pongo", status: "available" },
  }],
  "call-http-endpoint-interpolation-shorthand.yaml": [{
    input: { petId: 1 },
    hosts: PETS,
    output: PET,
  }],
  "call-http-endpoint-interpolation.yaml": [{
    input: { petId: 1 },
    hosts: PETS,
    output: PET,
  }],
  "call-http-query-headers-expressions.yaml": [{
    input: { searchQuery: "Luke" },
    hosts: SWAPI,
    output: { results: ["Luke"] },
  }],
  "call-http-query-parameters.yaml": [{
    input: { searchQuery: "Luke" },
    hosts: SWAPI,
    output: { results: ["Luke"] },
  }],
  "call-http-redirect.yaml": [{
    input: { searchQuery: "Luke" },
    hosts: {
      "swapi.dev": (_, url) =>
        url.pathname === "/moved"
          ? Response.json({ moved: true })
          : new Response(null, {
            status: 302,
            headers: { location: "/moved" },
          }),
    },
    output: { moved: true },
  }],
  "call-openapi-redirect.yaml": [{ hosts: PETS, output: AVAILABLE }],
  "call-openapi.yaml": [{ hosts: PETS, output: AVAILABLE }],
};
