/**
 * Checks what a run is given besides what it runs, by the rules that manifests
 * obey.
 *
 * @module
 */

import type { Duration } from "@bufbuild/protobuf/wkt";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Json } from "../model/json.ts";
import type { AgentLimits } from "../../gen/stigmer/backend/v1/agent_pb.ts";
import { Approval } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { checkLimits, checkTimeout } from "./_check_limits.ts";
import { checkLabels } from "./_check_metadata.ts";
import { checkModelName } from "./_check_model.ts";
import { checkVariables, error } from "./_check_rules.ts";
import { checkSchema } from "./_check_schema.ts";

/** What a run is given besides what it runs. */
export interface RunSettings {
  readonly kind: "Agent" | "Workflow";
  readonly variables: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Empty for the agent's own. */
  readonly model: string;
  readonly timeout: Duration | undefined;
  /** What it may spend; agents only. */
  readonly limits?: AgentLimits | undefined;
  /** JSON Schema of the answer; agents only. */
  readonly outputSchema: Json | undefined;
  /** What becomes of calls that a person is to be asked about. */
  readonly approval?: Approval;
}

/** Seconds of a duration at the most, as protobuf defines it. */
const DURATION_SECONDS_MAX = 315_576_000_000;

/** Says everything that is wrong with a run, with pointers from its root. */
export function checkRun(run: RunSettings): readonly Diagnostic[] {
  const { kind, variables, labels, model, timeout, outputSchema } = run;
  const { limits, approval } = run;
  return [
    ...checkVariables(variables, "/variables"),
    ...checkLabels(labels, "/labels"),
    ...checkModelName(model, "/model"),
    ...(timeout === undefined ? [] : checkRunTimeout(kind, timeout)),
    ...(limits === undefined ? [] : checkRunLimits(kind, limits)),
    ...(outputSchema === undefined ? [] : checkAnswer(kind, outputSchema)),
    ...(approval === undefined ? [] : checkApproval(approval)),
  ];
}

/** A number without a word would be kept as if nothing were said: unjudged. */
function checkApproval(approval: Approval): Diagnostic[] {
  if (Approval[approval] !== undefined) return [];
  const message = `The approval ${approval} is none that is known here`;
  return [error("/approval", message, { hint: "Use ASK, ALL or NONE" })];
}

/** A workflow may wait for years, an agent may not work for them. */
function checkRunTimeout(
  kind: RunSettings["kind"],
  timeout: Duration,
): Diagnostic[] {
  const pointer = "/timeout";
  const found = checkTimeout(timeout, pointer);
  if (kind === "Agent" || timeout.seconds < 0n) return found;
  return timeout.seconds <= BigInt(DURATION_SECONDS_MAX)
    ? []
    : [error(pointer, "A timeout may be 10,000 years long, this is longer")];
}

function checkRunLimits(
  kind: RunSettings["kind"],
  limits: AgentLimits,
): Diagnostic[] {
  const pointer = "/limits";
  if (kind === "Agent") return checkLimits(limits, pointer);
  return [error(
    pointer,
    "Of what runs, only agents take limits: those of the agents that a " +
      "workflow runs are in their spec.limits",
  )];
}

function checkAnswer(kind: RunSettings["kind"], schema: Json): Diagnostic[] {
  const pointer = "/outputSchema";
  if (kind === "Agent") return checkSchema(schema, pointer);
  return [error(pointer, "Of what runs, only agents take a schema")];
}
