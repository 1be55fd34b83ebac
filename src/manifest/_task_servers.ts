/**
 * Finds tasks of workflows that call what a tool server of the same set keeps
 * back.
 *
 * What is stored besides is not known here: a backend looks again.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import type { Resource } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { WorkflowSpecSchema } from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { slugOf } from "../model/slug.ts";
import { checkWorkflow } from "../workflow/check.ts";
import {
  type ServerReference,
  serverReferences,
} from "../workflow/references.ts";
import { error } from "./_check_rules.ts";

/** What is wrong with one item of a set. */
interface TaskFound<T> {
  readonly item: T;
  readonly diagnostic: Diagnostic;
}

/** Finds the calls of tools that a server does not enable. */
export function hiddenTools<T extends { readonly resource: Resource }>(
  items: readonly T[],
): readonly TaskFound<T>[] {
  const enabled = enabledTools(items);
  if (enabled.size === 0) return [];
  return items.flatMap((item) =>
    referencesIn(item.resource).flatMap(({ name, tool }) => {
      const tools = enabled.get(name);
      if (tools === undefined || tool === undefined) return [];
      if (tools.includes(tool.name)) return [];
      const diagnostic = error(
        `/spec${tool.pointer}`,
        `MCP server "${name}" does not let tool "${tool.name}" be used`,
        { hint: `Its "enabledTools" are ${tools.join(", ")}` },
      );
      return [{ item, diagnostic }];
    })
  );
}

/** The tools of those servers that enable some, by their names and slugs. */
function enabledTools(
  items: readonly { readonly resource: Resource }[],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const { resource: { resource } } of items) {
    if (resource.case !== "mcpServer") continue;
    const { metadata, spec } = resource.value;
    if (spec === undefined || spec.enabledTools.length === 0) continue;
    const name = metadata?.name ?? "";
    found.set(name, spec.enabledTools);
    found.set(metadata?.slug || (slugOf(name) ?? name), spec.enabledTools);
  }
  return found;
}

function referencesIn({ resource }: Resource): readonly ServerReference[] {
  if (resource.case !== "workflow") return [];
  const { metadata, spec } = resource.value;
  if (spec === undefined) return [];
  const json: Json = toJson(WorkflowSpecSchema, spec);
  if (!isJsonObject(json)) return [];
  const { plan } = checkWorkflow(json, { name: metadata?.name ?? "" });
  return plan === undefined ? [] : serverReferences(plan);
}
