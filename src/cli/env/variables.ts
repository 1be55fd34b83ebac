/**
 * Writes environments and their variables.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type Environment,
  EnvironmentSchema,
  EnvironmentSpecSchema,
} from "../../../gen/stigmer/backend/v1/environment_pb.ts";
import { toStigmerError } from "../../backend/errors.ts";
import type { BackendClient } from "../../backend/open.ts";
import { notFound, StigmerError } from "../../model/error.ts";
import { API_VERSION } from "../../model/kind.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { type FlagPlaces, inFlags } from "../flag_faults.ts";
import { parsePairs } from "../listing.ts";
import { suggestion } from "../parse.ts";
import { showWritten, updateWord } from "../written.ts";
import { ENVIRONMENT_VIEW } from "./resource.ts";

/** Creates an environment. */
export async function createEnvironment(
  context: Context,
  name: string,
  options: {
    readonly var: readonly string[];
    readonly description: string | undefined;
    readonly label: readonly string[];
  },
): Promise<Ending> {
  const environment = create(EnvironmentSchema, {
    apiVersion: API_VERSION,
    kind: "Environment",
    metadata: {
      name,
      labels: parsePairs(options.label, 'Option "--label"'),
    },
    spec: {
      description: options.description ?? "",
      variables: parsePairs(options.var, 'Option "--var"'),
    },
  });
  await using backend = await openFor(context);
  const call = { signal: context.signal };
  try {
    const answer = await backend.client.createEnvironment(
      { environment },
      call,
    );
    await show(context, answer.environment, "created");
  } catch (error) {
    throw inFlags(error, FLAG_PLACES);
  }
  return "ok";
}

const FLAG_PLACES: FlagPlaces = [
  ["/metadata/name", "NAME"],
  ["/metadata/slug", "NAME"],
  ["/metadata/labels", "--label"],
  ["/spec/description", "--description"],
  ["/spec/variables", "--var"],
];
/** Variables are arguments of `set`. */
const VARIABLE_PLACES: FlagPlaces = [];

/** Sets variables. */
export async function setVariables(
  context: Context,
  name: string,
  words: readonly string[],
): Promise<Ending> {
  const pairs = parsePairs(words, "Variable");
  return await change(context, name, (variables) => ({
    ...variables,
    ...pairs,
  }));
}

/** Removes variables. */
export async function unsetVariables(
  context: Context,
  name: string,
  keys: readonly string[],
): Promise<Ending> {
  return await change(context, name, (variables) => {
    for (const key of keys) {
      if (Object.hasOwn(variables, key)) continue;
      throw new StigmerError(
        "NOT_FOUND",
        `Cannot find variable "${key}" in environment "${name}"`,
        suggestion(key, Object.keys(variables)),
      );
    }
    return Object.fromEntries(
      Object.entries(variables).filter(([key]) => !keys.includes(key)),
    );
  });
}

type Variables = Readonly<Record<string, string>>;

/** How often a change is tried when others change the same environment. */
const ATTEMPTS_MAX = 10;

/** Changes variables; what others change meanwhile stays theirs. */
async function change(
  context: Context,
  name: string,
  edit: (variables: Variables) => Variables,
): Promise<Ending> {
  await using backend = await openFor(context);
  for (let attempt = 1;; attempt++) {
    try {
      const { item, word } = await changeOnce(context, {
        client: backend.client,
        name,
        edit,
      });
      await show(context, item, word);
      return "ok";
    } catch (thrown) {
      const error = toStigmerError(thrown);
      if (error.code !== "ABORTED" || attempt === ATTEMPTS_MAX) {
        throw inFlags(error, VARIABLE_PLACES);
      }
    }
  }
}

async function changeOnce(
  context: Context,
  of: {
    readonly client: BackendClient;
    readonly name: string;
    readonly edit: (variables: Variables) => Variables;
  },
): Promise<{ item: Environment | undefined; word: string }> {
  const { client, name, edit } = of;
  const call = { signal: context.signal };
  const { environment } = await client.getEnvironment({ name }, call);
  if (environment === undefined) throw notFound("environment", name);
  const before = environment.metadata?.version?.id ?? "";
  const description = environment.spec?.description ?? "";
  const variables = { ...edit(environment.spec?.variables ?? {}) };
  const spec = create(EnvironmentSpecSchema, { description, variables });
  const wanted = { ...environment, spec };
  const answer = await client.updateEnvironment({ environment: wanted }, call);
  const item = answer.environment;
  return { item, word: updateWord(item, before) };
}

async function show(
  context: Context,
  environment: Environment | undefined,
  word: string,
): Promise<void> {
  if (environment === undefined) return;
  const written = { item: environment, noun: "environment", word };
  await showWritten(context, ENVIRONMENT_VIEW, written);
}
