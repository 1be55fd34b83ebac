/**
 * The verbs that every kind of resource has in common: list, get, versions,
 * delete.
 *
 * Each noun describes its kind once as a {@linkcode Kind}; a
 * {@linkcode Door} does the verbs with it and forgets its type, so that
 * `get KIND` and `delete KIND` serve all kinds alike.
 *
 * @module
 */

import type { BackendClient } from "../backend/open.ts";
import { invalidArgument } from "../model/error.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { Ending, OptionValues } from "./command.ts";
import { type Context, openFor } from "./context.ts";
import {
  collectPages,
  type ListOptions,
  type PageQuery,
  parsePairs,
} from "./listing.ts";
import { type Page, showOne, showPage, type View } from "./view.ts";

/** Names that are looked up for one table at the most. */
const NAMES_MAX = 1000;

/** What is to know of a kind to list, get and delete it. */
export interface Kind<T> {
  /** In words, one of it: `agent`. */
  readonly noun: string;
  /** Absent when it has no versions. */
  readonly versioned?: {
    /** Its name in requests. */
    readonly kind: string;
    /** Reads what a version keeps of it. */
    readonly read: (snapshot: JsonObject) => T;
  };
  readonly view: View<T>;
  /** How people read what it refers to by id; absent when there is nothing. */
  readonly naming?: Naming<T>;
  /** Whether its things carry no labels. */
  readonly unlabelled?: boolean;
  list(
    client: BackendClient,
    query: {
      readonly page: PageQuery;
      readonly labels: Readonly<Record<string, string>> | undefined;
      readonly agent: string | undefined;
    },
    call: CallOptions,
  ): Promise<Page<T>>;
  get(client: BackendClient, name: string, call: CallOptions): Promise<T>;
  /** What a word names, where there are words for what has no name. */
  named?(
    client: BackendClient,
    word: string,
    call: CallOptions,
  ): Promise<string>;
  /** Absent when nobody can delete it. */
  remove?(client: BackendClient, name: string, call: CallOptions): Promise<T>;
}

/** How ids of other things are shown by name. */
export interface Naming<T> {
  /** The ids that a thing carries. */
  ids(item: T): readonly string[];
  /** Finds the name of one, or `undefined` when it is gone. */
  find(
    client: BackendClient,
    id: string,
    call: CallOptions,
  ): Promise<string | undefined>;
  /** The view with names in the place of ids. */
  view(nameOf: (id: string) => string): View<T>;
}

/** What goes with every call. */
export interface CallOptions {
  readonly signal: AbortSignal;
}

/** What a list of a kind is asked for with. */
export type ListInput =
  & Pick<OptionValues<ListOptions>, "limit" | "pageToken" | "all">
  & {
    readonly label?: readonly string[];
    readonly agent?: string | undefined;
    /** Whether it goes on with what is new or changes. */
    readonly watch?: boolean;
  };

/** A page of a kind that was got and not shown yet. */
export interface Collected {
  readonly noun: string;
  readonly json: readonly Json[];
  readonly nextPageToken: string;
  /** Shows it as `get KIND` does. */
  show(): Promise<void>;
}

/** The verbs of a kind. */
export interface Door {
  readonly noun: string;
  /** Gets a page, to be shown beside those of other kinds. */
  collect(
    context: Context,
    client: BackendClient,
    input: ListInput,
  ): Promise<Collected>;
  list(context: Context, input: ListInput): Promise<Ending>;
  get(
    context: Context,
    name: string,
    options?: { readonly version?: string | undefined },
  ): Promise<Ending>;
  remove(
    context: Context,
    names: readonly string[],
    options: { readonly yes: boolean },
  ): Promise<Ending>;
  /** Says what would be deleted, all of which is there. */
  doomed(
    context: Context,
    names: readonly string[],
  ): Promise<readonly string[]>;
  /** What a shell may offer. */
  names(client: BackendClient, call: CallOptions): Promise<readonly string[]>;
}

/** Makes the verbs of a kind. */
export function doorOf<T>(kind: Kind<T>): Door {
  return {
    noun: kind.noun,
    collect: (context, client, input) =>
      collect(context, kind, { client, input }),
    list: (context, input) => list(context, kind, input),
    get: (context, name, options = {}) =>
      options.version === undefined
        ? get(context, kind, name)
        : getVersion(context, kind, { name, version: options.version }),
    remove: (context, names, options) =>
      remove(context, kind, { names, ...options }),
    async doomed(context, names) {
      await using backend = await openFor(context);
      const { client } = backend;
      return (await find(context, kind, { client, names })).what;
    },
    async names(client, call) {
      const page = { size: 100, token: "" };
      const query = { page, labels: undefined, agent: undefined };
      const { items } = await kind.list(client, query, call);
      return items.map((it) => kind.view.identify(it));
    },
  };
}

async function list<T>(
  context: Context,
  kind: Kind<T>,
  input: ListInput,
): Promise<Ending> {
  const labels = labelsOf(kind, input);
  await using backend = await openFor(context);
  const { client } = backend;
  if (input.watch === true) {
    const { watchList } = await import("./watching.ts");
    return await watchList(context, (signal) => {
      const watching = { ...context, signal };
      return pageOf(watching, kind, { client, input, labels });
    });
  }
  const found = await collect(context, kind, { client, input, labels });
  await found.show();
  return "ok";
}

function labelsOf<T>(
  kind: Kind<T>,
  { label = [] }: ListInput,
): Readonly<Record<string, string>> | undefined {
  if (label.length === 0) return undefined;
  if (kind.unlabelled !== true) return parsePairs(label, 'Option "--label"');
  throw invalidArgument(`Cannot list by label: a ${kind.noun} carries none`);
}

async function collect<T>(
  context: Context,
  kind: Kind<T>,
  of: {
    readonly client: BackendClient;
    readonly input: ListInput;
    readonly labels?: Readonly<Record<string, string>> | undefined;
  },
): Promise<Collected> {
  const { view, page } = await pageOf(context, kind, of);
  return {
    noun: kind.noun,
    get json() {
      return page.items.map((it) => view.json(it));
    },
    nextPageToken: page.nextPageToken,
    show: () => showPage(context, view, page),
  };
}

/** Gets a page, and how it is shown. */
async function pageOf<T>(
  context: Context,
  kind: Kind<T>,
  of: Parameters<typeof collect<T>>[2],
): Promise<{ readonly view: View<T>; readonly page: Page<T> }> {
  const { client, input, labels = labelsOf(kind, input) } = of;
  const { agent } = input;
  const call = { signal: context.signal };
  const page = await collectPages(
    input,
    (query) => kind.list(client, { page: query, labels, agent }, call),
  );
  const view = await viewOf(context, kind, { client, items: page.items });
  return { view, page };
}

/** The view of a kind, for people with names in it. */
async function viewOf<T>(
  context: Context,
  { view, naming }: Kind<T>,
  of: { readonly client: BackendClient; readonly items: readonly T[] },
): Promise<View<T>> {
  const { format } = context.io;
  if (naming === undefined || (format !== "table" && format !== "wide")) {
    return view;
  }
  const call = { signal: context.signal };
  const names = new Map<string, string>();
  for (const id of new Set(of.items.flatMap((it) => naming.ids(it)))) {
    if (id === "" || names.size >= NAMES_MAX) continue;
    names.set(id, await nameOrId(naming.find(of.client, id, call), id));
  }
  return naming.view((id) => names.get(id) ?? id);
}

/** What refers to something that was deleted meanwhile is shown all the same. */
async function nameOrId(
  found: Promise<string | undefined>,
  id: string,
): Promise<string> {
  try {
    return await found || id;
  } catch (error) {
    const { toStigmerError } = await import("../backend/errors.ts");
    if (toStigmerError(error).code === "NOT_FOUND") return id;
    throw error;
  }
}

async function get<T>(
  context: Context,
  kind: Kind<T>,
  name: string,
): Promise<Ending> {
  await using backend = await openFor(context);
  const { client } = backend;
  const call = { signal: context.signal };
  const item = await kind.get(
    client,
    await kind.named?.(client, name, call) ?? name,
    call,
  );
  const view = await viewOf(context, kind, { client, items: [item] });
  await showOne(context, view, item);
  return "ok";
}

async function getVersion<T>(
  context: Context,
  kind: Kind<T>,
  wanted: { readonly name: string; readonly version: string },
): Promise<Ending> {
  if (kind.versioned === undefined) {
    throw invalidArgument(`A ${kind.noun} has no versions`);
  }
  await using backend = await openFor(context);
  const { client } = backend;
  const { version } = await client.getResourceVersion(
    { kind: kind.versioned.kind, ...wanted },
    { signal: context.signal },
  );
  const item = kind.versioned.read(version?.snapshot ?? {});
  const view = await viewOf(context, kind, { client, items: [item] });
  await showOne(context, view, item);
  return "ok";
}

/** What is to be deleted: all of it is there. */
interface Doomed {
  readonly names: readonly string[];
  /** What people are asked about. */
  readonly what: readonly string[];
}

/** Finds what is to be deleted. */
async function find<T>(
  context: Context,
  kind: Kind<T>,
  of: { readonly client: BackendClient; readonly names: readonly string[] },
): Promise<Doomed> {
  if (kind.remove === undefined) {
    throw invalidArgument(`Cannot delete an ${kind.noun}: they are kept`);
  }
  const { client } = of;
  const call = { signal: context.signal };
  const found = await Promise.all(
    of.names.map((it) => kind.named?.(client, it, call) ?? it),
  );
  const names = [...new Set(found)];
  // Nobody should be asked about what is not there, nor lose the others to a
  // slip of the pen.
  for (const name of names) {
    await kind.get(client, name, call);
  }
  return { names, what: names.map((it) => `${kind.noun} "${it}"`) };
}

async function remove<T>(
  context: Context,
  kind: Kind<T>,
  wanted: { readonly names: readonly string[]; readonly yes: boolean },
): Promise<Ending> {
  const { confirmDeletion } = await import("./confirm.ts");
  await using backend = await openFor(context);
  const { client } = backend;
  const { names, what } = await find(context, kind, { ...wanted, client });
  if (!await confirmDeletion(context, what, wanted.yes)) return "CANCELLED";
  const call = { signal: context.signal };
  for (const name of names) {
    const item = await kind.remove?.(client, name, call);
    if (item !== undefined) await showDeleted(context, kind, item);
  }
  return "ok";
}

async function showDeleted<T>(
  context: Context,
  kind: Kind<T>,
  item: T,
): Promise<void> {
  const { io } = context;
  const human = io.format === "table" || io.format === "wide";
  if (!human) return await showOne(context, kind.view, item);
  if (io.quiet) return;
  const word = kind.noun.replaceAll(" ", "-").toLowerCase();
  io.data(`${word}/${kind.view.identify(item)} deleted`);
}
