/**
 * Finds what `run` means: a file, or something that was applied.
 *
 * @module
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { DefinitionSchema } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { toStigmerError } from "../backend/errors.ts";
import type { BackendClient } from "../backend/open.ts";
import type { Host } from "../host/host.ts";
import type { ManifestDocument } from "../manifest/read.ts";
import { invalidArgument, notFound, StigmerError } from "../model/error.ts";
import { findKind } from "../model/kind.ts";
import type { Ending, FlagSpec, OptionValues, ValueSpec } from "./command.ts";
import { type Context, openFor } from "./context.ts";
import { runTarget } from "./execution/execute.ts";
import type { RunTarget } from "./execution/request.ts";
import type { RunOptions } from "./execution/request_options.ts";
import { showFaults } from "./faults.ts";
import { splitKindName } from "./kind_name.ts";
import { suggestion } from "./parse.ts";
import { readSources, refuseErrors } from "./sources.ts";

type Definition = MessageInitShape<typeof DefinitionSchema>;

/** The options of what may be a file. */
type RunFileOptions = RunOptions & {
  readonly name: ValueSpec;
  readonly allowPlain: FlagSpec;
};

/** What is run: its name or file, and a message. */
export interface RunArguments {
  readonly target: string;
  readonly message: string | undefined;
}

/** Runs a file or something that was applied. */
export async function run(
  context: Context,
  args: RunArguments,
  options: OptionValues<RunFileOptions>,
): Promise<Ending> {
  const { message } = args;
  const named = appliedIn(context.host, args.target);
  if (named !== undefined) {
    return await runTarget(context, { ...named, message }, options);
  }
  if (isFile(context.host, args.target)) {
    return await runFile(context, args, options);
  }
  const kind = await kindOf(context, args.target);
  const target = { kind, name: args.target, message };
  return await runTarget(context, target, options);
}

/** Reads `agent/reviewer`, as `apply` prints it, unless it is a file. */
function appliedIn(
  host: Host,
  target: string,
): Pick<RunTarget, "kind" | "name"> | undefined {
  const pair = splitKindName(target);
  const kind = findKind(pair?.kind ?? "")?.kind;
  if (pair === undefined || host.files.stat(target) !== undefined) {
    return undefined;
  }
  return kind === "Agent" || kind === "Workflow"
    ? { kind, name: pair.name }
    : undefined;
}

/** Says whether a word means a file rather than a name. */
export function isFile(host: Host, target: string): boolean {
  return target === "-" || /[/\\]|\.(ya?ml|json|[mc]?[jt]s)$/i.test(target) ||
    host.files.stat(target) !== undefined;
}

async function runFile(
  context: Context,
  args: RunArguments,
  options: OptionValues<RunFileOptions>,
): Promise<Ending> {
  const read = await readSources(context, [args.target], options);
  await refuseErrors(context, read, "nothing was run");
  const chosen = chooseDocument(read.documents, {
    file: args.target,
    name: options.name,
  });
  const target: RunTarget = {
    kind: chosen.kind === "Agent" ? "Agent" : "Workflow",
    name: chosen.name,
    message: args.message,
    definitions: definitionsOf(context, read.documents),
  };
  try {
    return await runTarget(context, target, options);
  } catch (error) {
    const document = atFault(toStigmerError(error), {
      chosen,
      documents: read.documents,
    });
    const consequence = "nothing was run";
    throw await showFaults(context, error, { document, consequence });
  }
}

/**
 * Chooses what runs: the one of that name, else the one workflow, else the one
 * agent.
 *
 * @throws {StigmerError} When none or several are to choose from.
 */
export function chooseDocument(
  documents: readonly ManifestDocument[],
  wanted: {
    readonly file: string;
    readonly name: string | undefined;
    /** What is done with it; absent means that it is run. */
    readonly act?: "draw";
  },
): ManifestDocument {
  const { file, name, act = "run" } = wanted;
  const runnable = documents.filter((it) =>
    it.kind === "Workflow" || it.kind === "Agent"
  );
  const candidates = name === undefined
    ? runnable
    : runnable.filter((it) => namesOf(it).includes(name));
  for (const kind of ["Workflow", "Agent"]) {
    const [first, second] = candidates.filter((it) => it.kind === kind);
    if (first !== undefined && second === undefined) return first;
    if (first !== undefined) break;
  }
  const names = runnable.map((it) => it.name);
  if (candidates.length > 0) {
    throw invalidArgument(
      `Cannot choose what to ${act} in "${file}": it holds ${names.join(", ")}`,
      { hints: ["Choose one with --name NAME"] },
    );
  }
  if (name === undefined) {
    throw invalidArgument(
      `Cannot ${act} "${file}": it holds no workflow` +
        (act === "run" ? " and no agent" : ""),
    );
  }
  throw new StigmerError(
    "NOT_FOUND",
    `Cannot find "${name}" in "${file}": it holds ${names.join(", ")}`,
    suggestion(name, names),
  );
}

function namesOf(document: ManifestDocument): readonly string[] {
  const slug = document.resource.resource.value?.metadata?.slug ?? "";
  return slug === "" ? [document.name] : [document.name, slug];
}

/** What travels with the execution; instances need to be applied. */
function definitionsOf(
  context: Context,
  documents: readonly ManifestDocument[],
): Definition[] {
  return documents.flatMap(({ kind, name, resource: { resource } }) => {
    switch (resource.case) {
      case "agent":
      case "workflow":
      case "environment":
      case "mcpServer":
        return [{ resource }];
      default:
        context.io.warn(
          `Left out ${kind} "${name}": only what is applied can be bound`,
        );
        return [];
    }
  });
}

/** The document that an error is about: the one it names, else what runs. */
function atFault(
  error: StigmerError,
  of: {
    readonly chosen: ManifestDocument;
    readonly documents: readonly ManifestDocument[];
  },
): ManifestDocument {
  const named = of.documents.find((it) =>
    namesOf(it).some((name) => error.message.includes(`"${name}"`))
  );
  return named ?? of.chosen;
}

/** Finds out whether a name is that of a workflow or of an agent. */
async function kindOf(
  context: Context,
  name: string,
): Promise<RunTarget["kind"]> {
  if (name.startsWith("agt-") || name.startsWith("ain-")) return "Agent";
  if (name.startsWith("wfl-") || name.startsWith("win-")) return "Workflow";
  await using backend = await openFor(context);
  const { client } = backend;
  const [workflow, agent] = await Promise.all([
    exists(client.getWorkflow({ name })),
    exists(client.getAgent({ name })),
  ]);
  if (workflow && agent) {
    throw invalidArgument(
      `Cannot choose what to run: both a workflow and an agent are "${name}"`,
      {
        hints: [
          `Run the workflow with "stigmer workflow run ${name}"`,
          `Run the agent with "stigmer agent run ${name}"`,
        ],
      },
    );
  }
  if (workflow) return "Workflow";
  if (agent) return "Agent";
  throw await unknownName(client, name);
}

async function exists(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (error) {
    if (toStigmerError(error).code === "NOT_FOUND") return false;
    throw error;
  }
}

async function unknownName(
  client: BackendClient,
  name: string,
): Promise<StigmerError> {
  const page = { size: 1000, token: "" };
  const [{ agents }, { workflows }] = await Promise.all([
    client.listAgents({ page }),
    client.listWorkflows({ page }),
  ]);
  const known = [...workflows, ...agents].flatMap((it) =>
    it.metadata === undefined ? [] : [it.metadata.slug]
  );
  const { code, message } = notFound("workflow or agent", name);
  return new StigmerError(code, message, {
    hints: [
      ...(suggestion(name, known).hints ?? []),
      "Apply it first, or give the path of a file",
    ],
  });
}
