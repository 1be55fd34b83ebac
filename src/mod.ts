#!/usr/bin/env -S deno run -A
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

export {
  type Backend,
  type BackendClient,
  openBackend,
  type OpenBackendOptions,
  type WorkEvent,
  type WorkOptions,
  type WorkSummary,
} from "./backend/open.ts";
export type { Diagnostic } from "./model/diagnostic.ts";
export {
  type ErrorCode,
  EXIT_CODES,
  StigmerError,
  type StigmerErrorOptions,
} from "./model/error.ts";
export { VERSION } from "./model/version.ts";

if (import.meta.main) {
  const [{ main }, { systemHost }] = await Promise.all([
    import("./cli/main.ts"),
    import("./host/system.ts"),
  ]);
  Deno.exit(await main(Deno.args, systemHost()));
}
