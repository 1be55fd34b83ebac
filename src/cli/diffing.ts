/**
 * Compares manifests with what is stored.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  ApplyResult_Outcome,
  type Resource,
  ResourceSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { BackendClient } from "../backend/open.ts";
import { fromDiagnosticMessage } from "../backend/diagnostics.ts";
import { toStigmerError } from "../backend/errors.ts";
import type { ManifestDocument } from "../manifest/read.ts";
import { invalidArgument, type StigmerError } from "../model/error.ts";
import { slugOf } from "../model/slug.ts";
import { titleOf } from "./applying.ts";
import type { Ending } from "./command.ts";
import { type Context, openFor } from "./context.ts";
import type { CallOptions } from "./door.ts";
import { readSources, refuseErrors, showDiagnostics } from "./sources.ts";
import type { Style } from "./style.ts";

/** Shows how what some files hold differs from what is stored. */
export async function diffFiles(
  context: Context,
  files: readonly string[],
): Promise<Ending> {
  const read = await readSources(context, files);
  await refuseErrors(context, read, "nothing was compared");
  await using backend = await openFor(context);
  const call = { signal: context.signal };
  const { results } = await backend.client.applyResources({
    resources: read.documents.map((it) => it.resource),
    dryRun: true,
  }, call);
  let differs = false;
  for (const [i, document] of read.documents.entries()) {
    const result = results[i];
    if (result?.outcome === ApplyResult_Outcome.UNCHANGED) continue;
    if (result?.outcome === ApplyResult_Outcome.FAILED) {
      const located = result.diagnostics.map((it) =>
        document.locate(fromDiagnosticMessage(it))
      );
      await showDiagnostics(context, located);
      throw invalidArgument(`Cannot apply ${titleOf(document.resource)}`);
    }
    differs = true;
    const stored = await getStored(backend.client, document, call);
    await showDiff(context, { document, stored });
  }
  return differs ? "failed" : "ok";
}

async function showDiff(
  context: Context,
  of: {
    readonly document: ManifestDocument;
    readonly stored: Resource | undefined;
  },
): Promise<void> {
  const { io } = context;
  const { resource } = of.document;
  if (io.format === "name") {
    return io.data(titleOf(resource).split("/")[1] ?? "");
  }
  if (io.quiet) return;
  const { diffResource } = await import("../manifest/diff.ts");
  const diff = diffResource(of.stored, resource).trimEnd();
  io.data(io.out.bold(titleOf(resource)));
  if (diff !== "") io.data(dressDiff(diff, io.out));
}

/** Colours a unified diff. */
export function dressDiff(diff: string, style: Style): string {
  return diff.split("\n").map((line) => {
    if (/^(\+\+\+|---)/.test(line)) return style.bold(line);
    if (line.startsWith("+")) return style.green(line);
    if (line.startsWith("-")) return style.red(line);
    return line.startsWith("@@") ? style.cyan(line) : line;
  }).join("\n");
}

/** Finds what a document would replace, or nothing. */
async function getStored(
  client: BackendClient,
  document: ManifestDocument,
  call: CallOptions,
): Promise<Resource | undefined> {
  const metadata = document.resource.resource.value?.metadata;
  const name = metadata?.slug || slugOf(metadata?.name ?? "") ||
    metadata?.name || "";
  try {
    return create(ResourceSchema, {
      resource: await getResource(client, { document, name }, call),
    });
  } catch (error) {
    if (isNotFound(toStigmerError(error))) return undefined;
    throw error;
  }
}

function isNotFound(error: StigmerError): boolean {
  return error.code === "NOT_FOUND";
}

async function getResource(
  client: BackendClient,
  wanted: { readonly document: ManifestDocument; readonly name: string },
  call: CallOptions,
): Promise<Resource["resource"]> {
  const { name } = wanted;
  switch (wanted.document.kind) {
    case "Agent": {
      const { agent } = await client.getAgent({ name }, call);
      return present("agent", agent);
    }
    case "AgentInstance": {
      const answer = await client.getAgentInstance({ name }, call);
      return present("agentInstance", answer.agentInstance);
    }
    case "Workflow": {
      const { workflow } = await client.getWorkflow({ name }, call);
      return present("workflow", workflow);
    }
    case "WorkflowInstance": {
      const answer = await client.getWorkflowInstance({ name }, call);
      return present("workflowInstance", answer.workflowInstance);
    }
    case "Environment": {
      const { environment } = await client.getEnvironment({ name }, call);
      return present("environment", environment);
    }
  }
}

function present<K extends string, V>(
  kind: K,
  value: V | undefined,
): { readonly case: K; readonly value: V } | { readonly case: undefined } {
  return value === undefined ? { case: undefined } : { case: kind, value };
}
