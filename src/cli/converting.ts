/**
 * Rewrites workflows of later upstream releases.
 *
 * @module
 */

import type { Resource } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { ManifestDocument } from "../manifest/read.ts";
import { invalidArgument } from "../model/error.ts";
import type { Ending } from "./command.ts";
import type { Context } from "./context.ts";
import { readSources, refuseErrors } from "./sources.ts";

/** Prints the resources of some files, workflows as documents. */
export async function convertFiles(
  context: Context,
  files: readonly string[],
): Promise<Ending> {
  const { io } = context;
  const read = await readSources(context, files);
  await refuseErrors(context, read, "nothing was converted");
  const { formOf, convertResource } = await import("../manifest/convert.ts");
  const workflows = read.documents.flatMap((it) => {
    const { resource } = it.resource;
    return resource.case === "workflow"
      ? [{ it, form: formOf(resource.value) }]
      : [];
  });
  if (workflows.length === 0) {
    throw invalidArgument("Cannot convert: the files hold no workflow");
  }
  for (const { it, form } of workflows) {
    if (form === "graph") refuseGraph(it);
  }
  const isJson = context.form === "json";
  if (!isJson && workflows.every(({ form }) => form === "document")) {
    io.raw(joined(read.texts));
    return "ok";
  }
  const resources = read.documents.map(({ resource }): Resource =>
    resource.resource.case === "workflow"
      ? {
        ...resource,
        resource: {
          case: "workflow",
          value: convertResource(resource.resource.value),
        },
      }
      : resource
  );
  await print(context, resources);
  return "ok";
}

/** Files one after another: the last line of one may be open. */
function joined(texts: readonly string[]): string {
  return texts.reduce((all, text) =>
    `${all}${all.endsWith("\n") ? "" : "\n"}---\n${text}`
  );
}

/** A graph has no order of its own to write down. */
function refuseGraph({ file, line, name }: ManifestDocument): never {
  throw invalidArgument(
    `Cannot convert workflow "${name}" (${file}:${line}): its tasks are a ` +
      "graph, whose order is that of what they refer to",
    { hints: ["A graph runs as it is, there is nothing to convert"] },
  );
}

async function print(
  { io, form }: Context,
  resources: readonly Resource[],
): Promise<void> {
  const { printResource, resourceJson } = await import("../manifest/print.ts");
  if (form === "json") {
    const [only] = resources;
    const json = resources.length === 1 && only !== undefined
      ? resourceJson(only)
      : { kind: "List", items: resources.map((it) => resourceJson(it)) };
    io.data(JSON.stringify(json, null, 2));
    return;
  }
  io.raw(resources.map((it) => printResource(it, "yaml")).join("---\n"));
}
