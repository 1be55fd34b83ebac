/**
 * The nodes of the tree that call something: over HTTP, by a description of an
 * API, a model, a person, or a function of the workflow.
 *
 * @module
 */

import type { Template } from "../expr/expression.ts";
import type { Json } from "../model/json.ts";
import type { Duration, Task, TaskBase } from "./tree.ts";

/** How a call proves who it is. */
export interface Authentication {
  readonly scheme: "basic" | "bearer" | "digest" | "oauth2" | "oidc";
  /** What the scheme needs, or the secret that holds it. */
  readonly properties: Template;
}

/** Where something is. */
export interface Endpoint {
  /** A URI template (RFC 6570) over the task's input, or an expression. */
  readonly uri: Template;
  readonly authentication?: Authentication;
}

/** A document that is kept elsewhere: `file:`, `http:` or `https:`. */
export interface ExternalResource {
  readonly name?: string;
  readonly endpoint: Endpoint;
}

/** How much of an HTTP answer is the output. */
export type HttpResult = "content" | "response" | "raw";

/** Calls an HTTP endpoint. */
export interface HttpTask extends TaskBase {
  readonly kind: "http";
  readonly method: Template;
  readonly endpoint: Endpoint;
  readonly headers?: Template;
  readonly query?: Template;
  readonly body?: Template;
  /** `content` parsed by content type, `response` with status and headers, `raw` as base64. */
  readonly result: HttpResult;
  readonly redirect: boolean;
}

/** Calls an operation that an OpenAPI document (2.0, 3.x) describes. */
export interface OpenApiTask extends TaskBase {
  readonly kind: "openapi";
  readonly document: ExternalResource;
  readonly operationId: Template;
  readonly parameters?: Template;
  readonly authentication?: Authentication;
  readonly result: HttpResult;
  readonly redirect: boolean;
}

/** A function of the program that serves the workflow. */
export interface TypeScriptTask extends TaskBase {
  readonly kind: "typescript";
}

/** Calls a method of a gRPC service. */
export interface GrpcTask extends TaskBase {
  readonly kind: "grpc";
  readonly proto: ExternalResource;
  readonly service: {
    readonly name: Template;
    readonly host: Template;
    readonly port?: Template;
    readonly authentication?: Authentication;
  };
  readonly method: Template;
  readonly arguments?: Template;
}

/** Publishes to or reads from a channel that an AsyncAPI document describes. */
export interface AsyncApiTask extends TaskBase {
  readonly kind: "asyncapi";
  readonly document: ExternalResource;
  /** The channel or the operation; one of them is there. */
  readonly channel?: Template;
  readonly operation?: Template;
  readonly server?: { readonly name: Template; readonly variables?: Template };
  readonly protocol?: string;
  readonly authentication?: Authentication;
  readonly action:
    | {
      readonly kind: "publish";
      readonly payload?: Template;
      readonly headers?: Template;
    }
    | {
      readonly kind: "subscribe";
      readonly filter?: Template;
      readonly consume:
        | { readonly kind: "amount"; readonly amount: number }
        | { readonly kind: "while"; readonly condition: Template }
        | { readonly kind: "until"; readonly condition: Template };
      /** How long it reads at the most. */
      readonly duration?: Duration;
      readonly forEach?: ForEach;
    };
}

/** Calls an agent that speaks A2A. */
export interface A2aTask extends TaskBase {
  readonly kind: "a2a";
  readonly agentCard?: ExternalResource;
  readonly server?: Endpoint;
  readonly method: string;
  readonly parameters?: Template;
}

/** Asks a tool server. */
export interface McpTask extends TaskBase {
  readonly kind: "mcp";
  readonly method: string;
  readonly parameters?: Template;
  readonly protocolVersion?: string;
  readonly client?: { readonly name: string; readonly version: string };
  readonly callTimeout?: Duration;
  readonly transport:
    | {
      readonly kind: "http";
      readonly endpoint: Endpoint;
      readonly headers?: Template;
    }
    | {
      readonly kind: "stdio";
      readonly command: Template;
      readonly arguments?: Template;
      readonly environment?: Template;
    }
    | {
      /** One that was applied, by name, slug or id; a run pins its version. */
      readonly kind: "applied";
      readonly server: string;
    };
}

/** Runs an agent and waits for its answer. */
export interface AgentTask extends TaskBase {
  readonly kind: "agent";
  readonly agent: Template;
  readonly message?: Template;
  readonly agentInput?: Template;
  readonly session?: Template;
  readonly model?: Template;
  /** JSON Schema that the answer must fit. */
  readonly schema?: Json;
}

/** Asks a model once. */
export interface LlmTask extends TaskBase {
  readonly kind: "llm";
  readonly model?: Template;
  readonly prompt: Template;
  readonly system?: Template;
  /** JSON Schema that the answer must fit; absent means text. */
  readonly schema?: Json;
  /** From 0 to 2; absent means the provider's own. */
  readonly temperature?: number;
  /** Absent means the provider's own. */
  readonly maxOutputTokens?: number;
}

/** Asks a person and waits for the answer. */
export interface HumanTask extends TaskBase {
  readonly kind: "human";
  readonly prompt: Template;
  /** JSON Schema of the data that comes with the answer. */
  readonly schema?: Json;
  /** The answers to choose from; empty means any word. */
  readonly outcomes: readonly string[];
  /** How long it waits. */
  readonly patience?: Duration;
  /** The answer when nobody gave one in time; absent means a timeout error. */
  readonly onTimeout?: string;
}

/** Runs a task that has a name of its own: a function. */
export interface FunctionTask extends TaskBase {
  readonly kind: "function";
  readonly function:
    /** One of `use.functions`. */
    | { readonly kind: "defined"; readonly name: string; readonly task: Task }
    /** One that is read when it is called. */
    | {
      readonly kind: "external";
      readonly name: string;
      readonly resource: ExternalResource;
    };
  /** What the function gets as its input. */
  readonly arguments?: Template;
}

/** What is done with each of many things that come one by one. */
export interface ForEach {
  /** Name of the variable with the item, without `$`. */
  readonly item: string;
  /** Name of the variable with the index, without `$`. */
  readonly at: string;
  readonly tasks: readonly Task[];
  readonly output: TaskBase["output"];
  readonly export: TaskBase["export"];
}
