/**
 * The types of calls over HTTP: how much of an answer is the output of a task.
 *
 * @module
 */

import type { Json } from "../model/json.ts";
import type { TaskBody } from "./body.ts";
import type {
  Any,
  Authentication,
  Endpoint,
  Pairs,
  Resource,
  Text,
} from "./calls.ts";
import type { Schema } from "./schema.ts";

/** An HTTP request. */
export interface HttpCall {
  /** The method. */
  readonly method: Text;
  /** Where it is sent. */
  readonly endpoint: Endpoint;
  /** Headers by name. */
  readonly headers?: Pairs;
  /** Parameters of the query by name. */
  readonly query?: Pairs;
  /** What is sent. */
  readonly body?: Any;
  /** How much of the answer is the output; default `content`. */
  readonly output?: "content" | "response" | "raw";
  /** Whether redirects are followed. */
  readonly redirect?: boolean;
}

/** The whole of an HTTP answer. */
export interface HttpResponse<Content = Json> {
  /** What was asked. */
  request: {
    method: string;
    uri: string;
    headers: Record<string, string>;
  };
  /** The status. */
  statusCode: number;
  /** Headers by name. */
  headers: Record<string, string>;
  /** What it says. */
  content: Content;
}

/** A call whose answer is asked for its schema. */
export interface Checked<Output> {
  /** What the output must fit; its type is that of the output. */
  readonly schema: Schema<Output>;
}

/** A call whose answer is given as a whole, or as base64. */
export interface Whole<How extends "response" | "raw"> {
  /** How much of the answer is the output. */
  readonly output: How;
  /** What is asked of the answer has its own type. */
  readonly schema?: never;
}

/**
 * Calls that are answered over HTTP. Without a schema, the type of the content
 * is vouched for.
 */
export interface HttpCalls<Call> {
  <Output>(call: Call & Checked<Output>): TaskBody<Output>;
  <Content = Json>(
    call: Call & Whole<"response">,
  ): TaskBody<HttpResponse<Content>>;
  (call: Call & Whole<"raw">): TaskBody<string>;
  <Output = Json>(
    call: Call & { readonly output?: "content"; readonly schema?: never },
  ): TaskBody<Output>;
}

/** A call of an operation that an OpenAPI document describes. */
export interface OpenApiCall {
  /** Where the description of the API is kept. */
  readonly document: Resource;
  /** The operation of the description. */
  readonly operationId: Text;
  /** Parameters by name. */
  readonly parameters?: Pairs;
  /** How it proves who it is. */
  readonly authentication?: Authentication;
  /** How much of the answer is the output; default `content`. */
  readonly output?: "content" | "response" | "raw";
  /** Whether redirects are followed. */
  readonly redirect?: boolean;
}
