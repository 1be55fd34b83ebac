/**
 * Reads what a tool server is started with for a person.
 *
 * @module
 */

import type { BackendClient } from "../../backend/open.ts";
import type { OptionValues } from "../command.ts";
import { type Context, serverOf } from "../context.ts";
import { parsePairs } from "../listing.ts";
import { readSecretOptions } from "../secret_options.ts";
import type { TargetOptions } from "./target_option_specs.ts";

export {
  SERVER_ARGUMENT,
  TARGET_OPTIONS,
  type TargetOptions,
} from "./target_option_specs.ts";

/** What a server is started with, as the contract has it. */
export type Target = NonNullable<
  Parameters<BackendClient["inspectMcpServer"]>[0]["target"]
>;

/**
 * Reads which server is meant and what it is given; may ask for secrets.
 *
 * @param server As it was typed, and further arguments of a catalog entry.
 */
export async function targetOf(
  context: Context,
  server: { readonly name: string; readonly args?: readonly string[] },
  options: OptionValues<TargetOptions>,
): Promise<Target> {
  const { host } = context;
  return {
    server: server.name,
    args: [...server.args ?? []],
    environments: [...options.env],
    variables: parsePairs(options.var, 'Option "--var"'),
    secrets: { ...await readSecretOptions(context, options) },
    // A server has folders of its own; it takes the one that it runs in.
    workingDirectory: await serverOf(context) === undefined
      ? host.platform.cwd()
      : "",
  };
}
