/**
 * The JSON Schema of what stands around tasks: data, time, errors, events.
 *
 * @module
 */

import { EXTENDED_KINDS } from "../workflow/extensions.ts";
import { INPUT_TYPES } from "../workflow/graph_inputs.ts";
import {
  ANY,
  anyOf,
  choice,
  CONDITION,
  list,
  map,
  named,
  NUMBER,
  OBJECT,
  object,
  orExpression,
  type Part,
  ref,
  said,
  TEXT,
  TRANSFORM,
} from "./_schema_parts.ts";

const ERROR_FIELDS: Readonly<Record<string, Part>> = {
  title: said(TEXT, "The sort of error, in words"),
  detail: said(TEXT, "What happened"),
  instance: said(TEXT, "JSON pointer of the task"),
};

/** The definitions, by name. */
export const FLOW_DEFINITIONS: Readonly<Record<string, Part>> = {
  duration: said(
    anyOf(
      said(TEXT, "ISO 8601, as PT1M30S, or an expression"),
      object("a duration", {
        days: NUMBER,
        hours: NUMBER,
        minutes: NUMBER,
        seconds: NUMBER,
        milliseconds: NUMBER,
      }),
    ),
    "A length of time, as PT1M30S or {minutes: 1, seconds: 30}",
  ),
  timeout: said(
    anyOf(
      said(TEXT, "The name of one under use.timeouts"),
      object("a timeout", { "after!": ref("duration") }),
    ),
    "How long it may take, as {after: {seconds: 30}}, or the name of one under use.timeouts",
  ),
  schema: object("a schema", {
    format: said(TEXT, "json"),
    document: said({ type: ["object", "boolean"] }, "The JSON Schema"),
    resource: said(ref("resource"), "Where the schema is kept"),
  }),
  input: said(
    object("an input", {
      schema: said(ref("schema"), "What the raw input must fit"),
      from: said(TRANSFORM, "Makes the input of what came"),
    }),
    "What it is given",
  ),
  output: said(
    object("an output", {
      schema: said(ref("schema"), "What the result must fit"),
      as: said(TRANSFORM, "Makes the result of the raw output, which is `.`"),
    }),
    "What it gives",
  ),
  resource: anyOf(
    object("an external resource", {
      name: TEXT,
      "endpoint!": ref("endpoint"),
    }),
  ),
  endpoint: said(
    anyOf(
      said(TEXT, "A URI template over the input, or an expression"),
      object("an endpoint", {
        "uri!": TEXT,
        authentication: ref("authentication"),
      }),
    ),
    "An address, with its authentication where it needs one",
  ),
  error: object("an error", {
    "type!": said(TEXT, "A URI that names the sort of error"),
    "status!": said(NUMBER, "As an HTTP status"),
    ...ERROR_FIELDS,
  }),
  error_filter: {
    ...object("an error filter", {
      type: TEXT,
      status: NUMBER,
      ...ERROR_FIELDS,
    }),
    minProperties: 1,
  },
  retry: said(
    anyOf(
      said(TEXT, "The name of one under use.retries"),
      object("a retry policy", {
        when: CONDITION,
        exceptWhen: CONDITION,
        delay: ref("duration"),
        backoff: object("a backoff", {
          constant: OBJECT,
          linear: OBJECT,
          exponential: OBJECT,
        }),
        limit: object("a retry limit", {
          attempt: object("an attempt limit", {
            count: said({ type: "integer", minimum: 0 }, "Retries at the most"),
            duration: said(ref("duration"), "How long one try may take"),
          }),
          duration: said(ref("duration"), "How long all tries may take"),
        }),
        jitter: object("a jitter", {
          "from!": ref("duration"),
          "to!": ref("duration"),
        }),
      }),
    ),
    "How often and how soon it is tried again, or the name of one under use.retries",
  ),
  schedule: object("a schedule", {
    every: said(ref("duration"), "Starts again and again"),
    cron: said(TEXT, "Starts when the clock says so"),
    after: said(ref("duration"), "Starts so long after each end"),
    on: said(ref("consumption"), "Starts on events"),
    read: ref("reading"),
  }),
  reading: choice("data", "envelope", "raw"),
  consumption: object("what to listen to", {
    one: said(ref("event_filter"), "One event"),
    all: said(list(ref("event_filter"), 1), "One event for each filter"),
    any: said(list(ref("event_filter")), "The first of any; [] is every event"),
    until: said(
      anyOf(CONDITION, ref("consumption")),
      "With any: takes events until this holds",
    ),
  }),
  event_filter: object("an event filter", {
    "with!": said(
      { type: "object", minProperties: 1 },
      "Attributes that it has: constants, regular expressions, expressions",
    ),
    correlate: map(object("a correlation", {
      "from!": said(TEXT, "Takes the value out of the event"),
      expect: said(TEXT, "What it must be; absent is that of the first"),
    })),
  }),
  for_each: object('the "foreach" of a task', {
    item: said(TEXT, "Name of the variable with the event"),
    at: said(TEXT, "Name of the variable with the index"),
    do: ref("tasks"),
    output: ref("output"),
    export: ref("output"),
  }),
  authentication: anyOf(
    said(TEXT, "The name of one under use.authentications"),
    object("an authentication", { "use!": TEXT }),
    ref("authentication_policy"),
  ),
  authentication_policy: {
    ...object("an authentication", {
      basic: orSecret('"basic"', { "username!": TEXT, "password!": TEXT }),
      bearer: orSecret('"bearer"', { "token!": TEXT }),
      digest: orSecret('"digest"', { "username!": TEXT, "password!": TEXT }),
      oauth2: orSecret('"oauth2"', {
        ...tokenRequest(),
        endpoints: object('"endpoints"', {
          token: TEXT,
          revocation: TEXT,
          introspection: TEXT,
        }),
      }),
      oidc: orSecret('"oidc"', tokenRequest()),
    }),
    minProperties: 1,
    maxProperties: 1,
  },
  extension: named(object("an extension", {
    "extend!": choice(...EXTENDED_KINDS),
    when: CONDITION,
    before: ref("tasks"),
    after: ref("tasks"),
  })),
  use: object('"use"', {
    authentications: map(ref("authentication_policy")),
    catalogs: map(object("a catalog", { "endpoint!": ref("endpoint") })),
    errors: map(ref("error")),
    extensions: list(ref("extension")),
    functions: map(ref("task")),
    retries: map(ref("retry")),
    secrets: list(TEXT),
    timeouts: map(ref("timeout")),
  }),
  input_declaration: anyOf(
    ref("input_type"),
    object("an input", {
      type: ref("input_type"),
      description: TEXT,
      required: { type: "boolean" },
      default: ANY,
    }),
  ),
  input_type: choice(...INPUT_TYPES),
};

/** The properties of a scheme, or the secret that holds them. */
function orSecret(title: string, keys: Readonly<Record<string, Part>>): Part {
  return anyOf(
    object("an authentication from a secret", {
      "use!": said(TEXT, "The name of a secret"),
    }),
    object(title, keys),
  );
}

function tokenRequest(): Readonly<Record<string, Part>> {
  const token = object("a token", { "token!": TEXT, "type!": TEXT });
  return {
    "authority!": said(TEXT, "Where the tokens come from"),
    "grant!": choice(
      "authorization_code",
      "client_credentials",
      "password",
      "refresh_token",
      "urn:ietf:params:oauth:grant-type:token-exchange",
    ),
    client: object("a client", {
      id: TEXT,
      secret: TEXT,
      assertion: TEXT,
      authentication: choice(
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
        "private_key_jwt",
        "none",
      ),
    }),
    request: object("a token request", {
      encoding: choice(
        "application/x-www-form-urlencoded",
        "application/json",
      ),
    }),
    issuers: list(TEXT),
    scopes: list(TEXT),
    audiences: list(TEXT),
    username: TEXT,
    password: TEXT,
    subject: token,
    actor: token,
  };
}

/** Headers, query parameters and the like. */
export const PAIRS: Part = orExpression(OBJECT);
