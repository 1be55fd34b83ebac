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
import type { JsonObject } from "../model/json.ts";
import { slugOf } from "../model/slug.ts";
import { titleOf } from "./applying.ts";
import type { Ending } from "./command.ts";
import { type Context, openFor } from "./context.ts";
import type { CallOptions } from "./door.ts";
import { readSources, refuseErrors, showDiagnostics } from "./sources.ts";
import type { Style } from "./style.ts";
import { showJson } from "./view.ts";
import { asWritten } from "./written_references.ts";

/** Shows how what some files hold differs from what is stored. */
export async function diffFiles(
  context: Context,
  input: {
    readonly file: readonly string[];
    readonly allowPlain: boolean;
    readonly allowShort: boolean;
  },
): Promise<Ending> {
  const read = await readSources(context, input.file, input);
  await refuseErrors(context, read, "nothing was compared");
  if (read.documents.length === 0) {
    throw invalidArgument("Cannot compare: the files hold no resources");
  }
  const versions = takeVersions(read.documents);
  await using backend = await openFor(context);
  const call = { signal: context.signal };
  const { results } = await backend.client.applyResources({
    resources: read.documents.map((it) => it.resource),
    dryRun: true,
    allowShortSecrets: input.allowShort,
  }, call);
  const changes: Change[] = [];
  for (const [i, document] of read.documents.entries()) {
    const result = results[i];
    if (result?.outcome === ApplyResult_Outcome.FAILED) {
      const located = result.diagnostics.map((it) =>
        document.locate(fromDiagnosticMessage(it))
      );
      await showDiagnostics(context, located);
      throw invalidArgument(`Cannot apply ${titleOf(document.resource)}`);
    }
    const outcome = result?.outcome ?? ApplyResult_Outcome.UNCHANGED;
    const diff = outcome === ApplyResult_Outcome.UNCHANGED
      ? ""
      : await diffOf(context, {
        client: backend.client,
        document,
        resolved: result?.resource,
        version: versions[i] ?? "",
        changedSecrets: result?.changedSecrets ?? [],
      });
    changes.push({ document, outcome, diff });
  }
  await showChanges(context, changes);
  return changes.some(differs) ? "failed" : "ok";
}

/** What applying a document would change. */
interface Change {
  readonly document: ManifestDocument;
  readonly outcome: ApplyResult_Outcome;
  /** As a unified diff; empty when nothing changes. */
  readonly diff: string;
}

function differs(change: Change): boolean {
  return change.outcome !== ApplyResult_Outcome.UNCHANGED;
}

/** Takes out the version that each was got at, which is no part of it. */
function takeVersions(documents: readonly ManifestDocument[]): string[] {
  return documents.map(({ resource }) => {
    const version = versionOf(resource);
    const metadata = resource.resource.value?.metadata;
    if (metadata !== undefined) delete metadata.version;
    return version;
  });
}

async function diffOf(
  context: Context,
  of: {
    readonly client: BackendClient;
    readonly document: ManifestDocument;
    /** What it would be stored as. */
    readonly resolved: Resource | undefined;
    /** The version that it was got at; may be empty. */
    readonly version: string;
    readonly changedSecrets: readonly string[];
  },
): Promise<string> {
  const { client, document, changedSecrets } = of;
  const call = { signal: context.signal };
  const stored = await getStored(client, document, call);
  warnOfConflict(context, { document, version: of.version, stored });
  const { resolved } = of;
  asWritten(stored, { written: document.resource, resolved });
  const { diffResource } = await import("../manifest/diff.ts");
  const diff = diffResource(stored, document.resource).trimEnd();
  if (changedSecrets.length === 0) return diff;
  const names = changedSecrets.map((it) => `"${it}"`).join(", ");
  const values = `Values of secrets differ, which are not shown: ${names}`;
  return diff === "" ? values : `${diff}\n${values}`;
}

/** What differs is shown; that it could not be applied should be known too. */
function warnOfConflict(
  { io }: Context,
  { document, version, stored }: {
    readonly document: ManifestDocument;
    readonly version: string;
    readonly stored: Resource | undefined;
  },
): void {
  if (version === "" || stored === undefined) return;
  if (version === versionOf(stored)) return;
  io.warn(
    `${
      titleOf(document.resource)
    } has changed since this was got: apply refuses it ` +
      "as long as it has metadata.version",
  );
}

function versionOf({ resource }: Resource): string {
  return resource.value?.metadata?.version?.id ?? "";
}

async function showChanges(
  context: Context,
  changes: readonly Change[],
): Promise<void> {
  const { io } = context;
  switch (io.format) {
    case "json":
    case "yaml":
      return await showJson(context, {
        items: changes.map(changeJson),
        nextPageToken: "",
      });
    case "jsonl":
      for (const it of changes) io.data(JSON.stringify(changeJson(it)));
      return;
    case "name":
      for (const { document } of changes.filter(differs)) {
        io.data(titleOf(document.resource).split("/")[1] ?? "");
      }
      return;
    case "table":
    case "wide":
      if (io.quiet) return;
      for (const { document, diff } of changes.filter(differs)) {
        io.data(io.out.bold(titleOf(document.resource)));
        if (diff !== "") io.data(dressDiff(diff, io.out));
      }
  }
}

function changeJson({ document, outcome, diff }: Change): JsonObject {
  const name = titleOf(document.resource).split("/")[1] ?? "";
  const word = ApplyResult_Outcome[outcome] ?? "";
  return { kind: document.kind, name, outcome: word, diff };
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
    case "McpServer": {
      const { mcpServer } = await client.getMcpServer({ name }, call);
      return present("mcpServer", mcpServer);
    }
  }
}

function present<K extends string, V>(
  kind: K,
  value: V | undefined,
): { readonly case: K; readonly value: V } | { readonly case: undefined } {
  return value === undefined ? { case: undefined } : { case: kind, value };
}
