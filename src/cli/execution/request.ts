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
import type { Host } from "../../host/host.ts";
import { invalidArgument, messageOf } from "../../model/error.ts";
import { isJsonObject, type Json } from "../../model/json.ts";
import { VALUE_SIZE_BYTES_MAX } from "../../model/limits.ts";
import type { OptionValues } from "../command.ts";
import type { Context } from "../context.ts";
import { parsePairs } from "../listing.ts";
import type { RunOptions } from "./request_options.ts";

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
  const input = await readInput(host, options);
  const message = target.message === "-"
    ? await host.terminal.readStdin(VALUE_SIZE_BYTES_MAX)
    : target.message;
  return create(CreateExecutionRequestSchema, {
    kind: target.kind,
    name: target.name,
    message: message ?? "",
    instance: options.instance ?? "",
    session: options.session ?? "",
    environments: [...options.env],
    variables: parsePairs(options.var, 'Option "--var"'),
    labels: parsePairs(options.label, 'Option "--label"'),
    model: options.model ?? settings.model ?? "",
    idempotencyKey: options.idempotencyKey ?? "",
    workingDirectory: host.platform.cwd(),
    definitions: target.definitions ?? [],
    ...(input === undefined
      ? {}
      : { input: fromJson(ValueSchema, toMutable(input)) }),
    ...(settings.timeoutMs === undefined
      ? {}
      : { timeout: durationOf(settings.timeoutMs) }),
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
  if (options.session !== undefined) {
    throw invalidArgument(
      `Cannot give workflow "${target.name}" a session: only agents have them`,
    );
  }
}

/** Reads `--input-file`, then lays each `--input` over it. */
async function readInput(
  host: Host,
  options: OptionValues<RunOptions>,
): Promise<Json | undefined> {
  const whole = options.inputFile === undefined
    ? undefined
    : await readInputFile(host, options.inputFile);
  if (options.input.length === 0) return whole;
  if (whole !== undefined && !isJsonObject(whole)) {
    throw invalidArgument(
      `Cannot lay "--input" over "${options.inputFile}": it holds no object`,
    );
  }
  const pairs = parsePairs(options.input, 'Option "--input"');
  const given = Object.entries(pairs).map(([key, text]) =>
    [key, parseValue(text)] as const
  );
  return { ...whole, ...Object.fromEntries(given) };
}

/** Takes a text for JSON where it parses, else as it is. */
export function parseValue(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function readInputFile(host: Host, path: string): Promise<Json> {
  const text = path === "-"
    ? await host.terminal.readStdin(VALUE_SIZE_BYTES_MAX)
    : await readNamed(host, path);
  try {
    return JSON.parse(text);
  } catch {
    return await parseYaml(text, path);
  }
}

async function readNamed(host: Host, path: string): Promise<string> {
  const info = host.files.stat(path);
  if (info?.kind === "file") return await host.files.readText(path);
  throw invalidArgument(`Cannot read the input "${path}": no such file`);
}

async function parseYaml(text: string, path: string): Promise<Json> {
  const { parse } = await import("yaml");
  try {
    return JSON.parse(JSON.stringify(parse(text) ?? null));
  } catch (error) {
    throw invalidArgument(
      `Cannot read the input "${path}": neither JSON nor YAML, ${
        messageOf(error).split("\n")[0]
      }`,
      { cause: error },
    );
  }
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
