/**
 * Shows one environment: as it is, as it was, with secrets revealed, or
 * sealed.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type Environment,
  EnvironmentSchema,
} from "../../../gen/stigmer/backend/v1/environment_pb.ts";
import { invalidArgument, notFound } from "../../model/error.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { showOne, yamlText } from "../view.ts";
import { ENVIRONMENT_VIEW, ENVIRONMENTS } from "./resource.ts";

/** How an environment is shown. */
export interface GetOptions {
  readonly version: string | undefined;
  readonly reveal: readonly string[];
  readonly sealed: boolean;
  readonly yes: boolean;
}

/** Shows an environment. */
export async function getEnvironment(
  context: Context,
  name: string,
  options: GetOptions,
): Promise<Ending> {
  refuseTogether(options);
  if (options.sealed) return await showSealed(context, name);
  if (options.reveal.length > 0) {
    return await showRevealed(context, name, options);
  }
  return await ENVIRONMENTS.get(context, name, options);
}

function refuseTogether({ version, reveal, sealed }: GetOptions): void {
  const given = [
    ...(version === undefined ? [] : ["--version"]),
    ...(reveal.length === 0 ? [] : ["--reveal"]),
    ...(sealed ? ["--sealed"] : []),
  ];
  const [first, second] = given;
  if (second === undefined) return;
  throw invalidArgument(
    `Options "${first}" and "${second}" exclude each other`,
    version === undefined
      ? {}
      : { hints: ["Of earlier versions only the names of secrets are kept"] },
  );
}

async function showSealed(context: Context, name: string): Promise<Ending> {
  await using backend = await openFor(context);
  const call = { signal: context.signal };
  const { environment } = await backend.client.sealEnvironment({ name }, call);
  if (environment === undefined) throw notFound("environment", name);
  const { io } = context;
  // There is nothing for people in a sealed text.
  if (io.format === "table" || io.format === "wide") {
    io.raw(await ENVIRONMENT_VIEW.yaml?.(environment) ?? "");
  } else await showOne(context, ENVIRONMENT_VIEW, environment);
  return "ok";
}

async function showRevealed(
  context: Context,
  name: string,
  { reveal, yes }: GetOptions,
): Promise<Ending> {
  if (!yes && !context.io.piecemeal) {
    throw invalidArgument(
      `Cannot reveal secrets of environment "${name}" to what is no terminal`,
      { hints: ["Give --yes to write them into a pipe or a file"] },
    );
  }
  await using backend = await openFor(context);
  const call = { signal: context.signal };
  const { environment } = await backend.client.getEnvironment({ name }, call);
  if (environment === undefined) throw notFound("environment", name);
  const names = [...reveal];
  const answer = await backend.client.revealSecrets(
    { environment: environment.metadata?.id ?? name, names },
    call,
  );
  const { spec } = environment;
  if (spec !== undefined) Object.assign(spec.secrets, answer.secrets);
  await showOne(context, REVEALED_VIEW, environment);
  return "ok";
}

/** As YAML, too, with what was asked for: manifests hide it. */
const REVEALED_VIEW: typeof ENVIRONMENT_VIEW = {
  ...ENVIRONMENT_VIEW,
  yaml: (it: Environment) => yamlText(toJson(EnvironmentSchema, it)),
};
