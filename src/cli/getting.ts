/**
 * Shows resources of one kind or of several.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import type { Ending } from "./command.ts";
import { type Context, openFor } from "./context.ts";
import type { Collected, Door, ListInput } from "./door.ts";
import { ALL_KINDS, doorFor } from "./doors.ts";
import { splitKindName } from "./kind_name.ts";
import { showJson } from "./view.ts";

/** Shows what was asked for: one thing, a kind, or several kinds. */
export async function getResources(
  context: Context,
  typed: { readonly kind: string; readonly name: string | undefined },
  input: ListInput,
): Promise<Ending> {
  const args = named(typed);
  const words = args.kind.split(",").filter((it) => it !== "")
    .flatMap((it) => it.toLowerCase() === "all" ? ALL_KINDS : [it]);
  const doors = await Promise.all(words.map(doorFor));
  const [door] = doors;
  const isOne = new Set(doors).size === 1 && args.name === undefined;
  if (input.watch === true && !isOne) {
    throw invalidArgument("Only a list of one kind can be watched", {
      hints: ["Follow one run with: stigmer execution watch ID"],
    });
  }
  if (door !== undefined && new Set(doors).size === 1) {
    return args.name === undefined
      ? await door.list(context, input)
      : await door.get(context, args.name);
  }
  if (door === undefined) throw invalidArgument("Missing argument <KIND>");
  if (args.name !== undefined) {
    throw invalidArgument(
      `Cannot get "${args.name}" of several kinds, name one kind`,
    );
  }
  if (input.pageToken !== undefined) {
    throw invalidArgument("A page token is of one kind, name one kind");
  }
  return await getKinds(context, [...new Set(doors)], input);
}

/** `get agent/reviewer` is `get agent reviewer`. */
function named(
  { kind, name }: { readonly kind: string; readonly name: string | undefined },
): { readonly kind: string; readonly name: string | undefined } {
  const pair = splitKindName(kind);
  if (pair === undefined) return { kind, name };
  if (name === undefined) return pair;
  throw invalidArgument(
    `Cannot get both "${kind}" and "${name}", name one of them`,
    { hints: [`List all of a kind with: stigmer get ${pair.kind}`] },
  );
}

async function getKinds(
  context: Context,
  doors: readonly Door[],
  input: ListInput,
): Promise<Ending> {
  const { io } = context;
  await using backend = await openFor(context);
  const found: Collected[] = [];
  for (const door of doors) {
    found.push(await door.collect(context, backend.client, input));
  }
  const more = found.filter((it) => it.nextPageToken !== "");
  if (io.format === "json") {
    await showJson(context, {
      items: found.flatMap((it) => it.json),
      nextPageToken: "",
    });
    for (const { noun } of more) io.note(`There are more of kind ${noun}`);
    return "ok";
  }
  const filled = found.filter((it) => it.json.length > 0);
  if (filled.length === 0) io.note("None found");
  const isTable = io.format === "table" || io.format === "wide";
  for (const [i, it] of filled.entries()) {
    if (i > 0 && isTable) io.data("");
    if (i > 0 && io.format === "yaml") io.raw("---\n");
    if (isTable) io.data(io.out.bold(`# ${it.noun}`));
    await it.show();
  }
  return "ok";
}
