/**
 * Writes environments and what they hold.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type Environment,
  EnvironmentSchema,
  type EnvironmentSpec,
  EnvironmentSpecSchema,
} from "../../../gen/stigmer/backend/v1/environment_pb.ts";
import { toStigmerError } from "../../backend/errors.ts";
import type { Backend } from "../../backend/open.ts";
import { invalidArgument, notFound, StigmerError } from "../../model/error.ts";
import { API_VERSION } from "../../model/kind.ts";
import type { Ending, OptionValues } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { type FlagPlaces, inFlags } from "../flag_faults.ts";
import { parsePairs } from "../listing.ts";
import { suggestion } from "../parse.ts";
import { watchKeyFor } from "../secret_options.ts";
import { showWritten, updateWord } from "../written.ts";
import { type Filling, readFilling } from "./filling.ts";
import type { FillOptions } from "./options.ts";
import { rehearse } from "./rehearsing.ts";
import { ENVIRONMENT_VIEW } from "./resource.ts";

/** Creates an environment. */
export async function createEnvironment(
  context: Context,
  name: string,
  options: OptionValues<FillOptions> & {
    readonly description: string | undefined;
    readonly label: readonly string[];
  },
): Promise<Ending> {
  const labels = parsePairs(options.label, 'Option "--label"');
  const environmentWith = (filling: Filling): Environment =>
    create(EnvironmentSchema, {
      apiVersion: API_VERSION,
      kind: "Environment",
      metadata: { name, labels },
      spec: { description: options.description ?? "", ...filling },
    });
  await using backend = await openFor(context);
  const { signal } = context;
  const call = { signal };
  const { allowShort } = options;
  try {
    const filling = await readFilling(
      context,
      options,
      async (unasked) => {
        const environment = environmentWith(unasked);
        const how = { environment, allowShort, isNew: true, signal };
        await rehearse(backend.client, how);
      },
    );
    const environment = environmentWith(filling);
    const announce = await watchKeyFor(context, backend, filling.secrets);
    const answer = await backend.client.createEnvironment({
      environment,
      allowShortSecrets: allowShort,
    }, call);
    await announce();
    await show(context, answer.environment, "created");
  } catch (error) {
    throw inFlags(error, [...filePlaces(options), ...FLAG_PLACES]);
  }
  return "ok";
}

const FILL_PLACES: FlagPlaces = [
  ["/spec/variables", "--var"],
  ["/spec/secrets", "--secret"],
  ["/spec/secretRefs", "--secret-ref"],
];
const FLAG_PLACES: FlagPlaces = [
  ["/metadata/name", "NAME"],
  ["/metadata/slug", "NAME"],
  ["/metadata/labels", "--label"],
  ["/spec/description", "--description"],
  ...FILL_PLACES,
];
/** What came from a file is told with the option that named it. */
function filePlaces(options: OptionValues<FillOptions>): FlagPlaces {
  return options.secretFile.map((word) => [
    `/spec/secrets/${word.split("=", 1)[0] ?? ""}`,
    "--secret-file",
  ]);
}

/** Variables are arguments of `set`. */
const SET_PLACES: FlagPlaces = FILL_PLACES.slice(1);

/** Sets variables, secrets and references. */
export async function setEnvironment(
  context: Context,
  args: { readonly name: string; readonly variables: readonly string[] },
  options: OptionValues<FillOptions>,
): Promise<Ending> {
  const pairs = parsePairs(args.variables, "Variable");
  const editWith = (filling: Filling) => (spec: Filling): Filling => {
    refuseUnfit(pairs, filling);
    refuseOpening(spec, Object.keys(pairs), args.name);
    return filled(spec, {
      ...filling,
      variables: { ...filling.variables, ...pairs },
    });
  };
  const { allowShort } = options;
  const filling = await readFilling(
    context,
    options,
    (unasked) =>
      rehearseChange(context, args.name, {
        allowShort,
        edit: editWith(unasked),
      }),
  );
  refuseUnfit(pairs, filling);
  return await change(context, args.name, {
    allowShort,
    places: [...filePlaces(options), ...SET_PLACES],
    watch: (backend) => watchKeyFor(context, backend, filling.secrets),
    edit: editWith(filling),
    noteChange: (before) => noteSealed(context, before, filling),
  });
}

/** Refuses to set nothing, and one thing twice. */
function refuseUnfit(
  pairs: Readonly<Record<string, string>>,
  filling: Filling,
): void {
  const names = namesOf(filling);
  if (names.length === 0 && Object.keys(pairs).length === 0) {
    throw invalidArgument("Nothing is given to set", {
      hints: ["Give variables as KEY=VALUE, and secrets with --secret KEY"],
    });
  }
  const twice = names.find((it) => Object.hasOwn(pairs, it));
  if (twice === undefined) return;
  throw invalidArgument(`"${twice}" is given twice, give it once`);
}

/** Removes variables, secrets and references. */
export async function unsetVariables(
  context: Context,
  name: string,
  keys: readonly string[],
): Promise<Ending> {
  return await change(context, name, {
    allowShort: false,
    edit(spec) {
      const known = namesOf(spec);
      for (const key of keys) {
        if (known.includes(key)) continue;
        throw new StigmerError(
          "NOT_FOUND",
          `Cannot find variable "${key}" in environment "${name}"`,
          suggestion(key, known),
        );
      }
      return without(spec, keys);
    },
  });
}

/** Gives an environment another name. */
export async function renameEnvironment(
  context: Context,
  args: { readonly name: string; readonly newName: string },
): Promise<Ending> {
  await using backend = await openFor(context);
  const call = { signal: context.signal };
  try {
    const answer = await backend.client.renameEnvironment(args, call);
    await show(context, answer.environment, "renamed");
  } catch (error) {
    throw inFlags(error, [["/metadata", "NEW_NAME"]]);
  }
  return "ok";
}

function namesOf(it: Filling): readonly string[] {
  return [it.variables, it.secrets, it.secretRefs].flatMap((part) =>
    Object.keys(part)
  );
}

/** Puts something in, in the place of whatever had its names. */
function filled(spec: Filling, filling: Filling): Filling {
  const rest = without(spec, namesOf(filling));
  return {
    variables: { ...rest.variables, ...filling.variables },
    secrets: { ...rest.secrets, ...filling.secrets },
    secretRefs: { ...rest.secretRefs, ...filling.secretRefs },
  };
}

function without(spec: Filling, names: readonly string[]): Filling {
  const rest = <T>(part: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(
      Object.entries(part).filter(([name]) => !names.includes(name)),
    );
  return {
    variables: rest(spec.variables),
    secrets: rest(spec.secrets),
    secretRefs: rest(spec.secretRefs),
  };
}

/**
 * Refuses a plain value for a secret: whoever types KEY=VALUE most likely
 * means its new value, which would then stay in versions for ever.
 */
function refuseOpening(
  { secrets, secretRefs }: Filling,
  names: readonly string[],
  environment: string,
): void {
  const name = names.find((it) =>
    Object.hasOwn(secrets, it) || Object.hasOwn(secretRefs, it)
  );
  if (name === undefined) return;
  throw invalidArgument(
    `Cannot set "${name}" of environment "${environment}" as a variable: it ` +
      "is a secret",
    {
      hints: [
        `Give it a new value with --secret ${name}, ` +
        `or make it a variable with --var ${name}=VALUE`,
      ],
    },
  );
}

/** What was a variable stays readable in the versions before. */
function noteSealed(
  { io }: Context,
  before: EnvironmentSpec,
  filling: Filling,
): void {
  const names = Object.keys(filling.secrets).filter((it) =>
    Object.hasOwn(before.variables, it)
  );
  if (names.length === 0) return;
  io.warn(
    `${
      names.map((it) => `"${it}"`).join(", ")
    } was a variable: the value that ` +
      "it had stays in earlier versions in plain text",
  );
}

/** How an environment changes. */
interface Change {
  /** Which option wrote what; absent means as `set` has them. */
  readonly places?: FlagPlaces;
  readonly allowShort: boolean;
  /** Looks at what is there before; what it returns is called afterwards. */
  readonly watch?: (backend: Backend) => Promise<() => Promise<void>>;
  readonly edit: (spec: Filling) => Filling;
  /** Says what a person should know of it, once it is done. */
  readonly noteChange?: (before: EnvironmentSpec) => void;
}

/** How often a change is tried when others change the same environment. */
const ATTEMPTS_MAX = 10;

/** Changes an environment; what others change meanwhile stays theirs. */
async function change(
  context: Context,
  name: string,
  how: Change,
): Promise<Ending> {
  await using backend = await openFor(context);
  for (let attempt = 1;; attempt++) {
    try {
      const { item, word } = await changeOnce(context, {
        backend,
        name,
        how,
      });
      await show(context, item, word);
      return "ok";
    } catch (thrown) {
      const error = toStigmerError(thrown);
      if (error.code !== "ABORTED" || attempt === ATTEMPTS_MAX) {
        throw inFlags(error, how.places ?? SET_PLACES);
      }
    }
  }
}

/** Refuses a change that could not be made, before a person is asked. */
async function rehearseChange(
  context: Context,
  name: string,
  { allowShort, edit }: Pick<Change, "allowShort" | "edit">,
): Promise<void> {
  await using backend = await openFor(context);
  const { signal } = context;
  const { environment } = await backend.client.getEnvironment(
    { name },
    { signal },
  );
  if (environment === undefined) throw notFound("environment", name);
  const before = environment.spec ?? create(EnvironmentSpecSchema);
  const changed = { ...environment, spec: { ...before, ...edit(before) } };
  try {
    const how = { environment: changed, allowShort, isNew: false, signal };
    await rehearse(backend.client, how);
  } catch (error) {
    throw inFlags(error, SET_PLACES);
  }
}

async function changeOnce(
  context: Context,
  of: {
    readonly backend: Backend;
    readonly name: string;
    readonly how: Change;
  },
): Promise<{ item: Environment | undefined; word: string }> {
  const { backend, name, how } = of;
  const { client } = backend;
  const call = { signal: context.signal };
  const { environment } = await client.getEnvironment({ name }, call);
  if (environment === undefined) throw notFound("environment", name);
  const versionId = environment.metadata?.version?.id ?? "";
  const before = environment.spec ?? create(EnvironmentSpecSchema);
  const edited = how.edit(before);
  const announce = await how.watch?.(backend);
  const spec = { ...before, ...edited };
  const answer = await client.updateEnvironment({
    environment: { ...environment, spec },
    allowShortSecrets: how.allowShort,
  }, call);
  const item = answer.environment;
  await announce?.();
  how.noteChange?.(before);
  return { item, word: updateWord(item, versionId) };
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
