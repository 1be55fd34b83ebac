#!/usr/bin/env -S deno run -q -A
/**
 * Stigmer: agents and workflows as YAML or TypeScript, run durably by one
 * executable.
 *
 * Run as a program, this module is the command line interface; imported, it is
 * the library: {@linkcode openBackend} gives the typed client of everything
 * that Stigmer stores and runs.
 *
 * @example Create an agent and list what is there
 * ```ts
 * import { openBackend } from "@stigmer/cli";
 *
 * const home = await Deno.makeTempDir();
 * await using backend = await openBackend({ home });
 * await backend.client.createEnvironment({
 *   environment: { metadata: { name: "staging" } },
 * });
 * const { environments } = await backend.client.listEnvironments({});
 * console.log(environments.map((it) => it.metadata?.slug));
 * ```
 *
 * @module
 */

import type { Backend, OpenBackendOptions } from "./backend/open.ts";
import { EXIT_CODES, messageOf } from "./model/error.ts";
import { importUnseen } from "./model/unseen.ts";

export type {
  Backend,
  BackendClient,
  OpenBackendOptions,
  WorkEvent,
  WorkOptions,
  WorkSummary,
} from "./backend/open.ts";
export type { CloudNotice, CloudOptions } from "./backend/cloud_options.ts";
export type { Diagnostic } from "./model/diagnostic.ts";
export {
  type ErrorCode,
  EXIT_CODES,
  StigmerError,
  type StigmerErrorOptions,
} from "./model/error.ts";
export type { Json, JsonObject } from "./model/json.ts";
export { VERSION } from "./model/version.ts";
export { jsonOf, type Value, type ValueInit, valueOf } from "./sdk/value.ts";

// The messages of the contract are internal to `deno doc`, which would have
// the whole protobuf library documented with them.

/**
 * An agent as the contract has it.
 *
 * @internal
 */
export type Agent = import("../gen/stigmer/backend/v1/agent_pb.ts").Agent;
/**
 * An agent bound to environments.
 *
 * @internal
 */
export type AgentInstance =
  import("../gen/stigmer/backend/v1/agent_pb.ts").AgentInstance;
/**
 * A workflow as the contract has it.
 *
 * @internal
 */
export type Workflow =
  import("../gen/stigmer/backend/v1/workflow_pb.ts").Workflow;
/**
 * A workflow bound to environments.
 *
 * @internal
 */
export type WorkflowInstance =
  import("../gen/stigmer/backend/v1/workflow_pb.ts").WorkflowInstance;
/**
 * A set of variables.
 *
 * @internal
 */
export type Environment =
  import("../gen/stigmer/backend/v1/environment_pb.ts").Environment;
/**
 * A conversation with an agent.
 *
 * @internal
 */
export type Session = import("../gen/stigmer/backend/v1/session_pb.ts").Session;
/**
 * A folder of know-how.
 *
 * @internal
 */
export type Skill = import("../gen/stigmer/backend/v1/skill_pb.ts").Skill;
/**
 * One run of an agent or a workflow.
 *
 * @internal
 */
export type Execution =
  import("../gen/stigmer/backend/v1/execution_pb.ts").Execution;
/**
 * One entry of the journal of a run.
 *
 * @internal
 */
export type ExecutionEvent =
  import("../gen/stigmer/backend/v1/execution_pb.ts").ExecutionEvent;
/**
 * A file that a run left.
 *
 * @internal
 */
export type Artifact =
  import("../gen/stigmer/backend/v1/execution_pb.ts").Artifact;
/**
 * What every resource has in common.
 *
 * @internal
 */
export type Metadata =
  import("../gen/stigmer/backend/v1/metadata_pb.ts").Metadata;

/**
 * Opens the backend of a home folder, and makes it when it is not there.
 *
 * @example
 * ```ts
 * import { openBackend } from "@stigmer/cli";
 *
 * const home = await Deno.makeTempDir();
 * await using backend = await openBackend({ home });
 * const info = await backend.client.getBackendInfo({});
 * console.log(info.type);
 * ```
 *
 * @param options Where it is and what it runs.
 * @returns The open backend; `await using` closes it.
 * @throws {StigmerError} When the database cannot be opened, with its path.
 */
export async function openBackend(
  options: OpenBackendOptions = {},
): Promise<Backend> {
  // Unseen, so that the program does not read the library before it starts.
  const { openBackend } = await importUnseen<
    typeof import("./backend/open.ts")
  >("./backend/open.ts", import.meta.url);
  return await openBackend(options);
}

if (import.meta.main) Deno.exit(await start());

/** Runs the program and gives its exit code. */
async function start(): Promise<number> {
  try {
    const [{ main }, { systemHost }] = await Promise.all([
      importUnseen<typeof import("./cli/main.ts")>(
        "./cli/main.ts",
        import.meta.url,
      ),
      importUnseen<typeof import("./host/system.ts")>(
        "./host/system.ts",
        import.meta.url,
      ),
    ]);
    return await main(Deno.args, systemHost());
  } catch (error) {
    // Who would say it in other words cannot be read either.
    if (!/^Requires read access to/.test(messageOf(error))) throw error;
    console.error(
      "Error: Cannot read the program: it was started without the permission for it\n" +
        "Hint: Start it with --allow-read",
    );
    return EXIT_CODES.PERMISSION_DENIED;
  }
}
