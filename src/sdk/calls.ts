/**
 * Tasks that call something: HTTP and other APIs, agents, models, people, tool
 * servers, functions of the workflow.
 *
 * @module
 */

import { bodyOf, type TakingBody, type TaskBody } from "./body.ts";
import type { AgentDefinition } from "./agent.ts";
import { type Duration, durationOf } from "./duration.ts";
import { asIs, type Expression, type Value } from "./expression.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { HttpCall, HttpCalls, OpenApiCall } from "./http_call.ts";
import type { FunctionReference } from "./workflow.ts";
import type { Schema } from "./schema.ts";

/** A text, or an expression that gives one. */
export type Text = Value<string>;
/** Any value with expressions in it; what is `undefined` is left out. */
export type Any =
  | Expression<unknown>
  | Json
  | { readonly [key: string]: Any | undefined }
  | readonly Any[];
/** Values by name. */
export type Pairs =
  | Expression<unknown>
  | { readonly [key: string]: Any | undefined };

/** How a call proves who it is, or the name of one under `use`. */
export type Authentication = JsonObject | { readonly use: string };

/** Where something is. */
export type Endpoint =
  | Text
  | { readonly uri: Text; readonly authentication?: Authentication };

/** A document that is kept elsewhere. */
export interface Resource {
  /** Its name. */
  readonly name?: string;
  /** Where it is sent. */
  readonly endpoint: Endpoint;
}

/** What every call may declare of its answer. */
export interface Answer<Output> {
  /** What the answer must fit; its type is that of the output. */
  readonly schema?: Schema<Output>;
}

/** A call of a method of a gRPC service. */
export interface GrpcCall<Output> extends Answer<Output> {
  /** Where the description of the service is kept. */
  readonly proto: Resource;
  /** The service, and where it is. */
  readonly service: {
    readonly name: Text;
    readonly host: Text;
    readonly port?: number;
    readonly authentication?: Authentication;
  };
  /** The method. */
  readonly method: Text;
  /** What it is called with. */
  readonly arguments?: Pairs;
}

/** A message to, or messages of, a channel that AsyncAPI describes. */
export interface AsyncApiCall<Output> extends Answer<Output> {
  /** Where the description of the API is kept. */
  readonly document: Resource;
  /** The channel. */
  readonly channel?: Text;
  /** The operation. */
  readonly operation?: Text;
  /** The server. */
  readonly server?: { readonly name: Text; readonly variables?: Pairs };
  /** The protocol. */
  readonly protocol?: string;
  /** The message. */
  readonly message?: { readonly payload?: Any; readonly headers?: Pairs };
  /** Which messages are taken, and how many. */
  readonly subscription?: Subscription;
  /** How it proves who it is. */
  readonly authentication?: Authentication;
}

/** Which messages of a channel are taken, and how many. */
export interface Subscription {
  /** Only those that it holds for. */
  readonly filter?: Text;
  /** How many are taken: one of `amount`, `while` and `until`. */
  readonly consume: {
    readonly for?: Duration;
    readonly amount?: number;
    readonly while?: Text;
    readonly until?: Text;
  };
}

/** A message of a channel. */
export interface Message<Payload = Json> {
  /** What it says. */
  payload: Payload;
  /** What came with it, by name. */
  headers: JsonObject;
  /** What tells which messages belong together. */
  correlationId: string;
}

/** A call of an agent of another system. */
export interface A2aCall<Output> extends Answer<Output> {
  /** Where the card of the agent is kept. */
  readonly agentCard?: Resource;
  /** The server. */
  readonly server?: Endpoint;
  /** The method. */
  readonly method:
    | "message/send"
    | "message/stream"
    | "tasks/get"
    | "tasks/list"
    | "tasks/cancel"
    | "tasks/resubscribe"
    | "tasks/pushNotificationConfig/set"
    | "tasks/pushNotificationConfig/get"
    | "tasks/pushNotificationConfig/list"
    | "tasks/pushNotificationConfig/delete"
    | "agent/getAuthenticatedExtendedCard";
  /** Parameters by name. */
  readonly parameters?: Pairs;
}

/** What an agent is asked. */
export interface AgentCall<Output> extends Answer<Output> {
  /** The agent, or its name. */
  readonly agent: AgentDefinition<Output> | Text;
  /** The message. */
  readonly message?: Text;
  /** What it is given. */
  readonly input?: Any;
  /** The conversation to go on with. */
  readonly session?: Text;
  /** The model that it uses. */
  readonly model?: Text;
}

/** What a model is asked. */
export interface LlmCall<Output> extends Answer<Output> {
  /** What is asked. */
  readonly prompt: Text;
  /** The model that it uses. */
  readonly model?: Text;
  /** How the model is to answer. */
  readonly system?: Text;
  /** How freely it words its answers. */
  readonly temperature?: number;
  /** Tokens of one answer at the most. */
  readonly maxOutputTokens?: number;
}

/** What a person is asked. */
export interface HumanCall<Outcome extends string, Output> {
  /** What is asked. */
  readonly prompt: Text;
  /** The answers to choose from. */
  readonly outcomes?: readonly Outcome[];
  /** What comes with the answer. */
  readonly schema?: Schema<Output>;
  /** How long it may take. */
  readonly timeout?: Duration;
  /** The answer when nobody gave one in time. */
  readonly onTimeout?: NoInfer<Outcome>;
}

/** What a person answered. */
export interface HumanAnswer<Outcome extends string, Output> {
  /** The answer that was chosen; null where there was nothing to choose from. */
  readonly outcome: string extends Outcome ? string | null : Outcome;
  /** What came with it. */
  readonly data: Output;
}

/** A call of a tool server. */
export interface McpCall<Output> extends Answer<Output> {
  /** The method. */
  readonly method?:
    | "tools/list"
    | "tools/call"
    | "prompts/list"
    | "prompts/get"
    | "resources/list"
    | "resources/read"
    | "resources/templates/list";
  /** Parameters by name. */
  readonly parameters?: Pairs;
  /** The name of an applied server; or how one is reached. */
  readonly server?: string;
  /** How the server is reached. */
  readonly transport?: {
    readonly http?: { readonly endpoint: Endpoint; readonly headers?: Pairs };
    readonly stdio?: {
      readonly command: Text;
      readonly arguments?: Any;
      readonly environment?: Pairs;
    };
  };
  /** How long it may take. */
  readonly timeout?: Duration;
  /** The version of the protocol. */
  readonly protocolVersion?: string;
}

/** The calls. */
export interface Calls {
  /** Sends an HTTP request. */
  readonly http: HttpCalls<HttpCall>;
  /** Calls an operation of an OpenAPI document. */
  readonly openapi: HttpCalls<OpenApiCall>;
  /** Calls a method of a gRPC service. */
  readonly grpc: <Output = Json>(call: GrpcCall<Output>) => TaskBody<Output>;
  /** Publishes to a channel, or subscribes to one. */
  readonly asyncapi: {
    <Payload = Json>(
      call: AsyncApiCall<Message<Payload>[]> & {
        readonly subscription: Subscription;
      },
    ): TakingBody<Message<Payload>>;
    <Output = Json>(
      call: AsyncApiCall<Output> & { readonly subscription?: never },
    ): TaskBody<Output>;
  };
  /** Calls an agent of another system. */
  readonly a2a: <Output = Json>(call: A2aCall<Output>) => TaskBody<Output>;
  /** Runs an agent and waits for its answer. */
  readonly agent: <Output = Json>(call: AgentCall<Output>) => TaskBody<Output>;
  /** Asks a model once. */
  readonly llm: <Output = string>(call: LlmCall<Output>) => TaskBody<Output>;
  /** Asks a person. */
  readonly human: {
    <const Outcome extends string = string, Output = Json>(
      call: HumanCall<Outcome, Output> & { readonly onTimeout?: never },
    ): TaskBody<HumanAnswer<Outcome, Output>>;
    /** With an answer for nobody's, there may be no data. */
    <const Outcome extends string = string, Output = Json>(
      call: HumanCall<Outcome, Output>,
    ): TaskBody<HumanAnswer<Outcome, Output | null>>;
  };
  /** Calls a tool server. */
  readonly mcp: <Output = Json>(call: McpCall<Output>) => TaskBody<Output>;
  /** Calls a function of the workflow. */
  readonly function: <Input, Output>(
    called: FunctionReference<Input, Output>,
    input: Value<Input>,
  ) => TaskBody<Output>;
}

function calling<Output>(
  name: string,
  given: object,
  schema?: Schema<Output>,
): TaskBody<Output> {
  return bodyOf({ call: name, with: given }, schema);
}

/**
 * Makes tasks that call something.
 *
 * @example
 * ```ts
 * import { call, t, workflow } from "@stigmer/cli/sdk";
 *
 * const flow = workflow("rates");
 * const got = flow.task("fetch", call.http({
 *   method: "get",
 *   endpoint: "https://api.example.org/rates",
 *   schema: t.object({ eur: t.number() }),
 * }));
 * flow.output({ euro: got.output.eur });
 * ```
 */
export const call: Calls = {
  http: asking("http"),
  openapi: asking("openapi"),
  grpc: ({ schema, ...given }) => calling("grpc", given, schema),
  asyncapi: messaging,
  a2a: ({ schema, ...given }) => calling("a2a", given, schema),
  agent: ({ schema, agent, ...given }) => {
    const named = isAgent(agent) ? agent.name : agent;
    const own = schema ?? (isAgent(agent) ? agent.output : undefined);
    const output = own && { schema: asIs(own.json) };
    // The call itself checks the answer: the task need not once more.
    return calling("agent", { agent: named, ...given, output });
  },
  llm: ({ schema, ...given }) =>
    calling("llm", { ...given, schema: asIs(schema?.json) }),
  human: <Output>(
    { schema, timeout, ...given }: HumanCall<string, Output>,
  ): TaskBody<never> =>
    calling("human", {
      ...given,
      schema: asIs(schema?.json),
      timeout: timeOf(timeout),
    }),
  mcp: ({ schema, timeout, method = "tools/list", ...given }) =>
    calling("mcp", { method, ...given, timeout: timeOf(timeout) }, schema),
  function: ({ name }, input) => bodyOf({ call: name, with: input }),
};

function asking(
  name: string,
): <Output>(call: Answer<Output> & object) => TaskBody<Output> {
  return ({ schema, ...given }) => calling(name, given, schema);
}

function messaging<Output>(
  { schema, subscription, ...given }: AsyncApiCall<Output>,
): TaskBody<Output> & Pick<TakingBody<never>, "withEach"> {
  const body = calling("asyncapi", {
    ...given,
    subscription: subscription && {
      filter: asIs(subscription.filter),
      consume: {
        ...subscription.consume,
        while: asIs(subscription.consume.while),
        until: asIs(subscription.consume.until),
        for: timeOf(subscription.consume.for),
      },
    },
  }, schema);
  return {
    ...body,
    withEach(keys, foreach) {
      const within = Object(keys["with"]);
      const taking = { ...within.subscription, foreach };
      return { ...keys, with: { ...within, subscription: taking } };
    },
  };
}

function timeOf(duration: Duration | undefined): unknown {
  return duration === undefined ? undefined : durationOf(duration);
}

function isAgent<Output>(
  agent: AgentDefinition<Output> | Text,
): agent is AgentDefinition<Output> {
  return typeof agent === "object" && "kind" in agent && agent.kind === "Agent";
}
