/**
 * Applies manifests and says what became of each.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type ApplyResourcesResponse,
  ApplyResourcesResponseSchema,
  type ApplyResult,
  ApplyResult_Outcome,
  type Resource,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { fromDiagnosticMessage } from "../backend/diagnostics.ts";
import type { LocatedDiagnostic, ManifestDocument } from "../manifest/read.ts";
import { invalidArgument } from "../model/error.ts";
import type { Ending } from "./command.ts";
import { type Context, openFor } from "./context.ts";
import {
  countErrors,
  readSources,
  refuseErrors,
  showDiagnostics,
} from "./sources.ts";
import { showJson } from "./view.ts";

/** What `apply` is asked for. */
export interface ApplyInput {
  readonly file: readonly string[];
  readonly dryRun: boolean;
  readonly message: string | undefined;
  readonly allowPlain: boolean;
  readonly allowShort: boolean;
}

/** Applies what some files hold. */
export async function applyFiles(
  context: Context,
  input: ApplyInput,
): Promise<Ending> {
  const read = await readSources(context, input.file, input);
  await refuseErrors(context, read, "nothing was applied");
  if (read.documents.length === 0) {
    throw invalidArgument("Cannot apply: the files hold no resources");
  }
  await using backend = await openFor(context);
  const answer = await backend.client.applyResources({
    resources: read.documents.map((it) => it.resource),
    dryRun: input.dryRun,
    message: input.message ?? "",
    allowShortSecrets: input.allowShort,
  }, { signal: context.signal });
  const located = locateResults(answer, read.documents);
  const told = new Set(read.diagnostics.map(lineOf));
  await showDiagnostics(
    context,
    located.filter((it) => !told.has(lineOf(it))),
  );
  const refused =
    answer.results.filter((it) => it.outcome === ApplyResult_Outcome.FAILED)
      .length;
  if (refused > 0) {
    const count = Math.max(countErrors(located), refused);
    throw invalidArgument(
      `${count} ${count === 1 ? "error" : "errors"}, nothing was applied`,
    );
  }
  await showResults(context, answer, input.dryRun);
  return "ok";
}

/** Tells one fault from another: what was said of the files is said once. */
function lineOf(it: LocatedDiagnostic): string {
  return JSON.stringify([it.severity, it.file, it.line, it.column, it.message]);
}

/** Finds the places of what the backend says about the resources. */
function locateResults(
  answer: ApplyResourcesResponse,
  documents: readonly ManifestDocument[],
): readonly LocatedDiagnostic[] {
  return answer.results.flatMap((result, i) => {
    const document = documents[i];
    if (document === undefined) return [];
    return result.diagnostics.map((it) =>
      document.locate(fromDiagnosticMessage(it))
    );
  });
}

async function showResults(
  context: Context,
  answer: ApplyResourcesResponse,
  dryRun: boolean,
): Promise<void> {
  const { io } = context;
  switch (io.format) {
    case "json":
    case "yaml":
      return await showJson(
        context,
        toJson(ApplyResourcesResponseSchema, answer),
      );
    case "jsonl": {
      const json = toJson(ApplyResourcesResponseSchema, answer);
      for (const it of json.results ?? []) io.data(JSON.stringify(it));
      return;
    }
    case "name":
      for (const { resource } of answer.results) io.data(slugOf(resource));
      return;
    case "table":
    case "wide":
      for (const it of answer.results) showResult(context, it, dryRun);
  }
}

function showResult(
  context: Context,
  { outcome, resource }: ApplyResult,
  dryRun: boolean,
): void {
  const { io } = context;
  const word = (ApplyResult_Outcome[outcome] ?? "").toLowerCase();
  const dressed = outcome === ApplyResult_Outcome.UNCHANGED
    ? io.out.dim(word)
    : io.out.green(word);
  if (io.quiet) return;
  io.data(`${titleOf(resource)} ${dressed}${dryRun ? " (dry run)" : ""}`);
}

/** Names a resource by kind and slug: `agent/reviewer`. */
export function titleOf(resource: Resource | undefined): string {
  const kind = (resource?.resource.case ?? "resource")
    .replaceAll(/[A-Z]/g, (it) => `-${it.toLowerCase()}`);
  return `${kind}/${slugOf(resource)}`;
}

function slugOf(resource: Resource | undefined): string {
  const metadata = resource?.resource.value?.metadata;
  return metadata?.slug || metadata?.name || "";
}
