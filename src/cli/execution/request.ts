/**
 * What is asked of the backend to run something: inputs, variables and the
 * rest, from the options of a command line.
 *
 * @module
 */

import { create, fromJson, type MessageInitShape } from "@bufbuild/protobuf";
import { DurationSchema, ValueSchema } from "@bufbuild/protobuf/wkt";
import {
  type CreateExecutionRequest,
  CreateExecutionRequestSchema,
} from "../../../gen/stigmer/backend/v1/backend_pb.ts";
import { invalidArgument } from "../../model/error.ts";
import type { Json } from "../../model/json.ts";
import { VALUE_SIZE_BYTES_MAX } from "../../model/limits.ts";
import type { OptionValues } from "../command.ts";
import { type Context, openFor, serverOf } from "../context.ts";
import { parsePairs } from "../listing.ts";
import { isStdin } from "../read_text.ts";
import { readSecretOptions } from "../secret_options.ts";
import { approvalOf } from "./approval_mode.ts";
import { readInput } from "./input.ts";
import type { RunOptions } from "./request_options.ts";
import { runLimits } from "./run_limits.ts";
import { chosenSession } from "./session_choice.ts";

/** What runs. */
export interface RunTarget {
  readonly kind: "Agent" | "Workflow";
  readonly name: string;
  readonly message: string | undefined;
  readonly definitions?: MessageInitShape<
    typeof CreateExecutionRequestSchema
  >["definitions"];
}

/** Makes the request that runs something. */
export async function executionRequest(
  context: Context,
  target: RunTarget,
  options: OptionValues<RunOptions>,
): Promise<CreateExecutionRequest> {
  const { host, settings } = context;
  if (target.kind === "Workflow") refuseForWorkflow(target, options);
  refuseStdinTwice(target, options);
  const limits = runLimits(options);
  const input = await readInput(host, options);
  if (input === undefined && isStdin(options.inputFile ?? "")) {
    context.io.warn("Standard input is empty: the run is given no input");
  }
  // What a shell pipes ends in a newline that nobody means.
  const message = target.message === "-"
    ? (await host.terminal.readStdin(VALUE_SIZE_BYTES_MAX))
      .replace(/\r?\n$/, "")
    : target.message;
  const request = create(CreateExecutionRequestSchema, {
    kind: target.kind,
    name: target.name,
    message: message ?? "",
    instance: options.instance ?? "",
    session: options.session ?? "",
    environments: [...options.env],
    variables: parsePairs(options.var, 'Option "--var"'),
    allowShortSecrets: options.allowShort,
    labels: parsePairs(options.label, 'Option "--label"'),
    model: options.model ?? settings.model ?? "",
    approval: approvalOf(options.approve),
    idempotencyKey: options.idempotencyKey ?? "",
    // A server has folders of its own; it takes the one that it runs in.
    workingDirectory: await serverOf(context) === undefined
      ? host.platform.cwd()
      : "",
    definitions: target.definitions ?? [],
    ...(limits === undefined ? {} : { limits }),
    ...(input === undefined
      ? {}
      : { input: fromJson(ValueSchema, toMutable(input)) }),
    ...(settings.timeoutMs === undefined
      ? {}
      : { timeout: durationOf(settings.timeoutMs) }),
  });
  // Last, since it may ask a person.
  const secrets = await readSecretOptions(context, options, {
    check: (secrets) => refuseBefore(context, request, { options, secrets }),
  });
  request.secrets = { ...secrets };
  return request;
}

/** Refuses what would be refused, before a person is asked for secrets. */
async function refuseBefore(
  context: Context,
  request: CreateExecutionRequest,
  { options, secrets }: {
    readonly options: OptionValues<RunOptions>;
    readonly secrets: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const { detach } = options;
  await using backend = await openFor(context, detach ? "none" : "own");
  const { client } = backend;
  await client.createExecution({
    ...request,
    session: await chosenSession(client, request),
    secrets: { ...secrets },
    checkOnly: true,
  });
}

function refuseForWorkflow(
  target: RunTarget,
  options: OptionValues<RunOptions>,
): void {
  if (target.message !== undefined) {
    throw invalidArgument(
      `Cannot give workflow "${target.name}" a message: only agents take one`,
      {
        hints: ["Give its inputs with --input KEY=VALUE or --input-file FILE"],
      },
    );
  }
  const { maxTurns, maxToolCalls, maxTokens, maxCost } = options;
  if (maxTurns ?? maxToolCalls ?? maxTokens ?? maxCost) {
    throw invalidArgument(
      `Cannot bound what workflow "${target.name}" spends: only runs of ` +
        "agents take such limits",
      { hints: ["Set spec.limits of the agents that it runs"] },
    );
  }
  if (options.session !== undefined) {
    throw invalidArgument(
      `Cannot give workflow "${target.name}" a session: only agents have them`,
    );
  }
}

/** Standard input holds one thing. */
function refuseStdinTwice(
  { message }: RunTarget,
  { inputFile, secret, secretFile }: OptionValues<RunOptions>,
): void {
  const isSecret = [...secret, ...secretFile]
    .some((it) => /^[^=]*=-$/.test(it));
  if (!isSecret || (message !== "-" && inputFile !== "-")) return;
  throw invalidArgument(
    "Cannot read a secret from standard input, which holds the " +
      (message === "-" ? "message" : "input"),
    { hints: ["Read the secret with --secret-file KEY=PATH"] },
  );
}

function durationOf(
  ms: number,
): ReturnType<typeof create<typeof DurationSchema>> {
  return create(DurationSchema, {
    seconds: BigInt(Math.floor(ms / 1000)),
    nanos: (ms % 1000) * 1_000_000,
  });
}

type MutableJson = Parameters<typeof fromJson>[1];

/** The protobuf library asks for JSON that it may change, but does not. */
function toMutable(json: Json): MutableJson {
  return json as MutableJson;
}
