/**
 * Environments: written with their secrets, renamed, revealed and sealed as
 * text.
 *
 * It stands apart from the other kinds because secrets are sealed, which
 * waits, before anything is written.
 *
 * @module
 */

import { create, toJson } from "@bufbuild/protobuf";
import { ResourceSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  type Environment,
  EnvironmentSchema,
} from "../../gen/stigmer/backend/v1/environment_pb.ts";
import type { SecretRules } from "../manifest/check_secrets.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import { isJsonObject, type JsonObject, member } from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import { resourceBySlug, type ResourceRow } from "../store/resources.ts";
import { sealedOf, type SealedValue } from "../store/sealed_values.ts";
import { insertAccesses } from "../store/secret_accesses.ts";
import {
  type DraftedEnvironment,
  secretProblems,
  writeWithSecrets,
} from "./environment_secrets.ts";
import { knownResult, once, type RepeatedRequest } from "./idempotency.ts";
import { carriesNone, findStored, resourceRowOf } from "./resource_changes.ts";
import {
  refusedDefinition,
  requireResource,
  type ResourceDeps,
  type WriteContext,
  writeContext,
} from "./resource_context.ts";
import { type Draft, readDraft } from "./resource_draft.ts";
import { resourceMessage } from "./resource_message.ts";
import {
  createFromDraft,
  refuseTaken,
  renameTo,
  updateFromDraft,
} from "./resource_write.ts";
import { lostSecret } from "./run_environments.ts";
import { vaultOf } from "./vault.ts";

/** An environment that is to be written. */
export interface EnvironmentWrite {
  readonly environment: Environment | undefined;
  readonly rules: SecretRules;
  /** Why it changes, for the new version; may be empty. */
  readonly why?: string;
  /** What makes a repeated create the same create; may be empty. */
  readonly idempotencyKey?: string;
}

const KIND = "Environment";

/** Creates an environment. */
export async function createEnvironment(
  deps: ResourceDeps,
  given: EnvironmentWrite,
): Promise<Environment> {
  const draft = readEnvironment(given, "create");
  const repeated = repeatedCreate(given);
  const check = (within: WriteContext): void => {
    refuseTaken(within, KIND, draft.slug);
    refuseFaults(within, draft, { act: "create", storedId: undefined });
  };
  return await writeEnvironment(deps, {
    drafted: { draft, find: () => undefined },
    why: "",
    check,
    known() {
      const known = knownResult(deps, repeated);
      return known === undefined ? undefined : resourceRowOf(known);
    },
    write: (within) =>
      once(deps, repeated, {
        work: () => createFromDraft(within, draft, draft.spec),
        parse: resourceRowOf,
      }),
  });
}

/** A create as its key has it: with the names of its secrets, not with them. */
function repeatedCreate(
  { environment, idempotencyKey = "" }: EnvironmentWrite,
): RepeatedRequest {
  return {
    method: "CreateEnvironment",
    key: idempotencyKey,
    content() {
      const json = toJson(
        EnvironmentSchema,
        create(EnvironmentSchema, environment),
      );
      const spec = member(json, "spec");
      if (!isJsonObject(json) || !isJsonObject(spec)) return json;
      const secrets = member(spec, "secrets");
      const names = isJsonObject(secrets) ? Object.keys(secrets).sort() : [];
      return { ...json, spec: { ...spec, secrets: names } };
    },
  };
}

/** Updates an environment; nothing is written when nothing changes. */
export async function updateEnvironment(
  deps: ResourceDeps,
  given: EnvironmentWrite,
): Promise<Environment> {
  const { database } = deps.store;
  const draft = readEnvironment(given, "update");
  const find = (): ResourceRow => findStored(database, draft);
  return await writeEnvironment(deps, {
    drafted: { draft, find },
    why: given.why ?? "",
    check: (within) =>
      refuseFaults(within, draft, { act: "update", storedId: find().id }),
    write: (within) => updateFromDraft(within, find(), draft, draft.spec),
  });
}

/**
 * Gives an environment another name, and the slug that is derived from it;
 * what refers to it by id goes on doing so.
 */
export function renameEnvironment(
  deps: ResourceDeps,
  request: { readonly name: string; readonly newName: string },
): Environment {
  const { database } = deps.store;
  const context = writeContext(deps, "");
  return database.transaction(() => {
    const stored = requireResource(database, KIND, request.name);
    const metadata = { name: request.newName };
    const resource = create(ResourceSchema, {
      resource: { case: "environment", value: { metadata } },
    });
    const { draft, diagnostics } = readDraft(resource);
    const act = `rename environment "${stored.name}"`;
    if (draft === undefined || diagnostics.length > 0) {
      throw refusedDefinition(act, diagnostics);
    }
    const { name, slug } = draft;
    if (slug !== stored.slug && resourceBySlug(database, KIND, slug)) {
      throw takenSlug(act, slug);
    }
    return messageOf(renameTo(context, KIND, { stored, name, slug }));
  });
}

function takenSlug(act: string, slug: string): StigmerError {
  return new StigmerError(
    "ALREADY_EXISTS",
    `Cannot ${act}: the slug "${slug}" is taken`,
    { hints: ["Choose another name"] },
  );
}

/** Opens secrets of an environment for a person, and notes each. */
export async function revealSecrets(
  deps: ResourceDeps,
  request: { readonly environment: string; readonly names: readonly string[] },
): Promise<Readonly<Record<string, string>>> {
  const { database } = deps.store;
  const row = requireResource(database, KIND, request.environment);
  const names = request.names.length === 0
    ? secretNames(row)
    : [...new Set(request.names)];
  for (const name of names) refuseUnknown(row, name);
  const opened = await vaultOf(deps).openSealed(valuesOf(deps, row, names));
  noteRead(deps, { row, names, purpose: "reveal" });
  return Object.fromEntries(opened);
}

/**
 * Gives an environment with each secret as the text that its seal is, and
 * without what this moment made of it, so that it can be applied at any time.
 *
 * Who has it and the key has the secrets: each is noted.
 */
export function sealEnvironment(
  deps: ResourceDeps,
  request: { readonly name: string },
): Environment {
  const { database } = deps.store;
  const row = requireResource(database, KIND, request.name);
  const vault = vaultOf(deps);
  const environment = messageOf(row);
  delete environment.status;
  const { metadata, spec } = environment;
  if (metadata !== undefined) {
    metadata.id = "";
    delete metadata.version;
  }
  const names = secretNames(row);
  for (const value of valuesOf(deps, row, names)) {
    if (spec !== undefined) spec.secrets[value.alias] = vault.sealedText(value);
  }
  noteRead(deps, { row, names, purpose: "export" });
  return environment;
}

/** Notes what a person took out of an environment. */
function noteRead(
  { host, identity, store }: ResourceDeps,
  read: {
    readonly row: ResourceRow;
    readonly names: readonly string[];
    readonly purpose: "export" | "reveal";
  },
): void {
  const timeMs = host.clock.now();
  insertAccesses(
    store.database,
    read.names.map((name) => ({
      timeMs,
      identity,
      name,
      origin: read.row.id,
      executionId: "",
      path: "",
      purpose: read.purpose,
    })),
  );
}

/** How an environment is written once it can be. */
interface Writing {
  readonly drafted: DraftedEnvironment;
  readonly why: string;
  /** Refuses it; asked before anything is sealed, and again when it is. */
  readonly check: (within: WriteContext) => void;
  /** What an earlier request with the same key has written. */
  readonly known?: () => ResourceRow | undefined;
  readonly write: (within: WriteContext) => ResourceRow;
}

async function writeEnvironment(
  deps: ResourceDeps,
  { drafted, why, check, known, write }: Writing,
): Promise<Environment> {
  const context = writeContext(deps, why);
  const row = await writeWithSecrets(deps, [drafted], {
    rehearse(secrets) {
      const stored = known?.();
      if (stored === undefined) check({ ...context, secrets });
      return stored;
    },
    write: (secrets) =>
      context.database.transaction(() => {
        const within = { ...context, secrets };
        const stored = known?.();
        if (stored === undefined) check(within);
        return stored ?? write(within);
      }),
  });
  return messageOf(row);
}

function readEnvironment(
  { environment, rules }: EnvironmentWrite,
  act: string,
): Draft {
  if (environment === undefined) throw carriesNone({ kind: KIND, act });
  const resource = create(ResourceSchema, {
    resource: { case: "environment", value: environment },
  });
  const { draft, diagnostics } = readDraft(resource, rules);
  if (draft === undefined) throw carriesNone({ kind: KIND, act });
  refuseErrors(draft, act, diagnostics);
  return draft;
}

function refuseFaults(
  within: WriteContext,
  draft: Draft,
  of: { readonly act: string; readonly storedId: string | undefined },
): void {
  refuseErrors(draft, of.act, secretProblems(within, draft, of.storedId));
}

function refuseErrors(
  draft: Draft,
  act: string,
  diagnostics: readonly Diagnostic[],
): void {
  if (diagnostics.every((it) => it.severity !== "error")) return;
  throw refusedDefinition(`${act} environment "${draft.name}"`, diagnostics);
}

function messageOf(row: ResourceRow): Environment {
  return resourceMessage(EnvironmentSchema, KIND, row);
}

function secretNames({ spec }: ResourceRow): readonly string[] {
  return namesIn(spec, "secrets");
}

function namesIn(spec: JsonObject, field: string): readonly string[] {
  const names = member(spec, field);
  return isJsonObject(names) ? Object.keys(names) : [];
}

function refuseUnknown(row: ResourceRow, name: string): void {
  const secrets = secretNames(row);
  if (secrets.includes(name)) return;
  const act = `Cannot reveal "${name}" of environment "${row.slug}"`;
  if (namesIn(row.spec, "secretRefs").includes(name)) {
    throw invalidArgument(`${act}: only where it is kept is known here`, {
      hints: [`See where with: stigmer env get ${row.slug}`],
    });
  }
  if (namesIn(row.spec, "variables").includes(name)) {
    throw invalidArgument(`${act}: it is a variable, and shown as it is`);
  }
  const { hint } = didYouMean(name, secrets);
  throw new StigmerError("NOT_FOUND", `${act}: it has no such secret`, {
    hints: hint === undefined ? [] : [hint],
  });
}

/** The sealed values of names, all of them. */
function valuesOf(
  { store }: ResourceDeps,
  row: ResourceRow,
  names: readonly string[],
): readonly SealedValue[] {
  const values = sealedOf(store.database, row.id, names);
  const found = new Set(values.map(({ alias }) => alias));
  const lost = names.find((name) => !found.has(name));
  if (lost === undefined) return values;
  throw lostSecret(row, lost);
}
