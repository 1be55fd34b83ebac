/**
 * The SDK: agents and workflows written in TypeScript.
 *
 * Builders make the manifests that YAML would have been, with types: what one
 * task gives is known to those after it. Durable functions are workflows whose
 * tasks are functions, run on the engine's own journal: they go on where they
 * were after a crash. Both are in docs/sdk.md.
 *
 * @example A manifest for `stigmer apply -f -`
 * ```ts
 * import { agent, set, t, text, toYaml, workflow } from "@stigmer/cli/sdk";
 *
 * const reviewer = agent({ name: "reviewer", instructions: "Review code." });
 * const greet = workflow("greet", { input: t.object({ name: t.string() }) });
 * greet.task("say", set({ words: text`Hello ${greet.input.name}` }));
 * console.log(toYaml(reviewer, greet));
 * ```
 *
 * @module
 */

export {
  agent,
  type AgentDefinition,
  type AgentLimits,
  type AgentOptions,
  environment,
  type EnvironmentOptions,
  mcpServer,
  type ModelOptions,
  type SubAgentOptions,
  type ToolPermissions,
  type ToolServerOptions,
} from "./agent.ts";
export type { Place } from "./_caller.ts";
export type { TakingBody, TaskBody } from "./body.ts";
export {
  type A2aCall,
  type AgentCall,
  type Answer,
  type Any,
  type AsyncApiCall,
  type Authentication,
  call,
  type Calls,
  type Endpoint,
  type GrpcCall,
  type HumanAnswer,
  type HumanCall,
  type LlmCall,
  type McpCall,
  type Message,
  type Pairs,
  type Resource,
  type Subscription,
  type Text,
} from "./calls.ts";
export type {
  AgentOptions as AskOptions,
  ChildOptions,
  DurableContext,
  RetryOptions,
  SignalOptions,
  StepContext,
  StepOptions,
} from "./context.ts";
export {
  DurableWorkflow,
  type TaskFunction,
  type WorkflowOptions,
} from "./durable.ts";
export type { Duration, DurationParts, ShortDuration } from "./duration.ts";
export {
  type BackendChoice,
  type ExecuteOptions,
  type Execution,
  type Servable,
  serve,
  type ServeOptions,
} from "./execute.ts";
export {
  expr,
  type Expression,
  type JsonMembers,
  type MemberReferences,
  type Reference,
  type Resolved,
  text,
  type Value,
} from "./expression.ts";
export type {
  ExtendedKind,
  ExtendedTask,
  ExtensionOptions,
} from "./extension.ts";
export type {
  Branches,
  Forked,
  ForkOptions,
  ForkReference,
  Lost,
  OutputOf,
} from "./fork.ts";
export {
  graph,
  type GraphAgent,
  type GraphAgentReference,
  GraphBuilder,
  type GraphInput,
  type GraphInputs,
  type GraphOptions,
  type GraphTaskOptions,
  type InputTypes,
  type TypeOf,
} from "./graph.ts";
export type {
  Checked,
  HttpCall,
  HttpCalls,
  HttpResponse,
  OpenApiCall,
  Whole,
} from "./http_call.ts";
export type { NonLost, Scalar, WrittenKeys } from "./journalled.ts";
export type { Journalled } from "./journalled.ts";
export {
  type Defined,
  type EnvDeclaration,
  type EnvDeclarations,
  type Manifest,
  type MetadataOptions,
  type Places,
  toYaml,
} from "./manifest.ts";
export {
  type Fits,
  type FitsMembers,
  type Flat,
  type Members,
  type OptionalSchema,
  type Schema,
  type SchemaNotes,
  type Schemas,
  t,
} from "./schema.ts";
export { ExecutionError, StepError, TerminalError } from "./step_error.ts";
export {
  type Build,
  type CatchOptions,
  type CaughtError,
  type ForEachOptions,
  type ForOptions,
  type Looped,
  type RetryPolicy,
  Steps,
} from "./steps.ts";
export {
  type Added,
  type Ended,
  type Given,
  type LastTask,
  type Referred,
  type Skippable,
  TaskList,
  type TaskOptions,
  type TaskReference,
} from "./task_list.ts";
export {
  type Case,
  choose,
  type Consumption,
  type ContainerRun,
  emit,
  type EmittedEvent,
  type EventFilter,
  listen,
  type ProcessOptions,
  type ProcessOutput,
  type ProcessResult,
  raise,
  type RaisedError,
  raw,
  run,
  type Runs,
  type ScriptRun,
  set,
  type ShellRun,
  wait,
  type WorkflowRun,
} from "./tasks.ts";
export {
  type BuilderOptions,
  type FunctionReference,
  workflow,
  WorkflowBuilder,
} from "./workflow.ts";
export {
  jsonOf,
  type Value as ProtoValue,
  type ValueInit,
  valueOf,
} from "./value.ts";
export type { CloudNotice, CloudOptions } from "../backend/cloud_options.ts";
export type { Diagnostic } from "../model/diagnostic.ts";
export {
  type ErrorCode,
  StigmerError,
  type StigmerErrorOptions,
} from "../model/error.ts";
export type { Json, JsonObject } from "../model/json.ts";
export {
  type Backend,
  type BackendClient,
  openBackend,
  type OpenBackendOptions,
  type WorkEvent,
  type WorkOptions,
  type WorkSummary,
} from "../backend/open.ts";
