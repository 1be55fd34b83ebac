/**
 * Deletes what was named, or what files describe.
 *
 * @module
 */

import type { ManifestDocument } from "../manifest/read.ts";
import { invalidArgument } from "../model/error.ts";
import { KINDS } from "../model/kind.ts";
import type { Ending } from "./command.ts";
import { confirmDeletion } from "./confirm.ts";
import type { Context } from "./context.ts";
import { doorFor } from "./doors.ts";
import { type NamesByKind, namesByKind } from "./kind_name.ts";
import { readSources, refuseErrors } from "./sources.ts";

/** What is deleted may be written as it likes. */
const ANY_SECRETS = { allowPlain: true, allowShort: true } as const;

/** Deletes resources. */
export async function deleteResources(
  context: Context,
  args: {
    readonly kind: string | undefined;
    readonly names: readonly string[];
  },
  options: { readonly file: readonly string[]; readonly yes: boolean },
): Promise<Ending> {
  if (options.file.length > 0) {
    if (args.kind !== undefined) {
      throw invalidArgument(
        "Cannot delete by kind and by file at once, give one of them",
      );
    }
    return await deleteDescribed(context, options);
  }
  if (args.kind === undefined) {
    throw invalidArgument("Missing argument <KIND>", {
      hints: ["Name a kind and what to delete, or a file with -f FILE"],
    });
  }
  const named = namesByKind([args.kind, ...args.names], "delete") ??
    new Map([[args.kind, args.names]]);
  return await deleteNamed(context, named, options);
}

async function deleteNamed(
  context: Context,
  named: NamesByKind,
  options: { readonly yes: boolean },
): Promise<Ending> {
  for (const [kind, names] of named) {
    if (names.length > 0) continue;
    throw invalidArgument("Missing argument <NAME>", {
      hints: [`Name what to delete: stigmer delete ${kind} NAME`],
    });
  }
  const all = await Promise.all([...named].map(async ([kind, names]) => ({
    door: await doorFor(kind),
    names,
  })));
  const [only, second] = all;
  if (only !== undefined && second === undefined) {
    return await only.door.remove(context, only.names, options);
  }
  // A slip in the last kind must not be found after the first one is deleted,
  // and one answer is for all.
  const what: string[] = [];
  for (const { door, names } of all) {
    what.push(...await door.doomed(context, names));
  }
  if (!await confirmDeletion(context, what, options.yes)) return "CANCELLED";
  for (const { door, names } of all) {
    await door.remove(context, names, { yes: true });
  }
  return "ok";
}

/** Deletes what files describe: first what refers to others. */
async function deleteDescribed(
  context: Context,
  options: { readonly file: readonly string[]; readonly yes: boolean },
): Promise<Ending> {
  const read = await readSources(context, options.file, ANY_SECRETS);
  await refuseErrors(context, read, "nothing was deleted");
  const documents = read.documents.toSorted((a, b) => rank(b) - rank(a));
  const what = documents.map((it) => `${KINDS[it.kind].singular} "${it.name}"`);
  if (!await confirmDeletion(context, what, options.yes)) return "CANCELLED";
  for (const document of documents) {
    const door = await doorFor(document.kind);
    const metadata = document.resource.resource.value?.metadata;
    const name = metadata?.slug || document.name;
    await door.remove(context, [name], { yes: true });
  }
  return "ok";
}

/** How much depends on a kind: workflows name agents, instances name both. */
function rank(document: ManifestDocument): number {
  switch (document.kind) {
    case "AgentInstance":
    case "WorkflowInstance":
      return 3;
    case "Workflow":
      return 2;
    case "Agent":
      return 1;
    case "Environment":
    case "McpServer":
      return 0;
  }
}
