/**
 * The execution of a case: what it needs is stored, it is created, and its end
 * is waited for.
 *
 * @module
 */

import { fromJson, toJson } from "@bufbuild/protobuf";
import { DurationSchema, ValueSchema } from "@bufbuild/protobuf/wkt";
import { ApplyResult_Outcome } from "../../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  Approval,
  type Execution,
  ExecutionEvent_Type as Type,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { getExecution } from "../../backend/get_execution.ts";
import { fromDiagnosticMessage } from "../../backend/diagnostics.ts";
import type { BackendClient } from "../../backend/open.ts";
import { invalidArgument } from "../../model/error.ts";
import type { Json } from "../../model/json.ts";
import type { PhaseName } from "../../model/phase.ts";
import type { Context } from "../context.ts";
import { parsePhase } from "../execution/outcome.ts";
import { questionsOf } from "../execution/questions.ts";
import { phaseOf } from "../execution/resource.ts";
import type { PlannedCase } from "./load.ts";

/** How much longer the end of a run is waited for than it may take. */
const GRACE_MS = 10_000;

/** Stores what the case needs before anything runs. */
export async function prepare(
  { signal }: Context,
  client: BackendClient,
  { documents, skills }: PlannedCase,
): Promise<void> {
  if (skills.length > 0) {
    const { storeSkills } = await import("./skills.ts");
    await storeSkills(client, skills, signal);
  }
  const { results, applied } = await client.applyResources({
    resources: documents.map((it) => it.resource),
  }, { signal });
  if (applied) return;
  const problems = results.flatMap((result, i) =>
    result.outcome !== ApplyResult_Outcome.FAILED
      ? []
      : result.diagnostics.map((it) => {
        const located = documents[i]?.locate(fromDiagnosticMessage(it));
        const place = located === undefined
          ? ""
          : `${located.file}:${located.line}:${located.column}: `;
        return `${place}${it.message}`;
      })
  );
  throw invalidArgument("The definitions cannot be applied", {
    hints: problems,
  });
}

/** Runs what a case says once, and waits for its end. */
export async function execute(
  context: Context,
  client: BackendClient,
  of: {
    readonly planned: PlannedCase;
    readonly message: string;
    readonly session: string;
    readonly model: string;
    readonly workingDirectory: string;
    readonly timeoutMs: number;
  },
): Promise<Execution> {
  const { planned: { test, target }, timeoutMs } = of;
  using deadline = startDeadline(context.host, timeoutMs + GRACE_MS);
  const signal = AbortSignal.any([context.signal, deadline.signal]);
  const { execution } = await client.createExecution({
    kind: test.target.kind,
    name: target.resource.resource.value?.metadata?.slug || target.name,
    message: of.message,
    session: of.session,
    model: of.model,
    workingDirectory: of.workingDirectory,
    // Nobody is there to be asked; what the rules refuse stays refused.
    approval: test.approve === "none" ? Approval.NONE : Approval.ALL,
    variables: { ...test.environment },
    secrets: secretsOf(context, test.secrets),
    timeout: fromJson(DurationSchema, `${timeoutMs / 1000}s`),
    ...(test.input === undefined
      ? {}
      : { input: fromJson(ValueSchema, toMutable(test.input)) }),
  }, { signal });
  const id = execution?.metadata?.id ?? "";
  const events = client.watchExecution({ id }, { signal });
  for await (const { event } of events) {
    if (event?.type !== Type.EXECUTION_WAITING) continue;
    refuseQuestions(await getExecution(client, id, signal));
  }
  return await getExecution(client, id, signal);
}

/** Refuses to wait for a person whom nobody asks; a question may run out. */
function refuseQuestions(execution: Execution): void {
  const open = questionsOf(execution).find(({ human }) =>
    human.dueAt === undefined
  );
  if (open === undefined) return;
  throw invalidArgument(
    `The run asks a person "${open.human.prompt}", and nobody answers here`,
    { hints: ["Give the question a timeout, or test what is around it"] },
  );
}

/** A bound for a run that does not keep to its own time. */
function startDeadline(
  { clock }: Context["host"],
  ms: number,
): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const stop = clock.timer(ms, () => {
    controller.abort(invalidArgument("The run did not end in its time"));
  });
  return { signal: controller.signal, [Symbol.dispose]: stop };
}

function secretsOf(
  { host }: Context,
  sources: PlannedCase["test"]["secrets"],
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(sources).map(([name, { variable, otherwise }]) => {
      const value = host.env.get(variable) || otherwise;
      if (value !== undefined) return [name, value];
      throw invalidArgument(
        `Secret "${name}" is to come from variable "${variable}", which is ` +
          "not set",
        {
          hints: [
            `Set it, or write \${${variable}:-made-up} where any value will do`,
          ],
        },
      );
    }),
  );
}

/** How an execution ended. */
export function phaseOfEnd(execution: Execution): PhaseName {
  return parsePhase(phaseOf(execution)) ?? "FAILED";
}

/** What an execution gave, if anything. */
export function outputOf({ status }: Execution): Json | undefined {
  return status?.output === undefined
    ? undefined
    : toJson(ValueSchema, status.output);
}

type MutableJson = Parameters<typeof fromJson>[1];

/** The protobuf library asks for JSON that it may change, but does not. */
function toMutable(json: Json): MutableJson {
  return json as MutableJson;
}
