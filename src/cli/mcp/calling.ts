/**
 * Calls a tool of a tool server for a person.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type McpToolResult,
  McpToolResultSchema,
} from "../../../gen/stigmer/backend/v1/backend_pb.ts";
import type { BackendClient } from "../../backend/open.ts";
import { visibleText } from "../../model/hidden_text.ts";
import { invalidArgument, StigmerError } from "../../model/error.ts";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import type {
  Ending,
  FlagSpec,
  ListSpec,
  OptionValues,
  ValueSpec,
} from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { readDataOption } from "../data_option.ts";
import { parseValue } from "../execution/input.ts";
import { parsePairs } from "../listing.ts";
import { stoppable } from "../stoppable.ts";
import { printable, showJson } from "../view.ts";
import { targetOf, type TargetOptions } from "./target_options.ts";

type CallOptions = TargetOptions & {
  readonly arg: ListSpec;
  readonly data: ValueSpec;
  readonly allowChanged: FlagSpec;
};

/** Calls a tool; fails where the tool says that it did. */
export async function callTool(
  context: Context,
  args: {
    readonly name: string;
    readonly tool: string;
    readonly args: readonly string[];
  },
  options: OptionValues<CallOptions>,
): Promise<Ending> {
  const given = await argumentsOf(context, options);
  const target = await targetOf(context, args, options);
  const { allowChanged } = options;
  const request = {
    target,
    tool: args.tool,
    arguments: JSON.parse(JSON.stringify(given)),
    allowChanged,
  };
  return await stoppable(
    context,
    (context) => call(context, request),
    "Cancelled: the server was told, and ended",
  );
}

async function call(
  context: Context,
  request: Parameters<BackendClient["callMcpTool"]>[0],
): Promise<Ending> {
  const { io, signal } = context;
  await using backend = await openFor(context);
  for await (
    const { piece } of backend.client.callMcpTool(request, { signal })
  ) {
    if (piece.case === "progress") io.note(printable(piece.value));
    if (piece.case !== "result") continue;
    await showResult(context, piece.value);
    return piece.value.isError ? "failed" : "ok";
  }
  throw new StigmerError("DATA_LOSS", "The call ended without a result");
}

async function showResult(
  context: Context,
  result: McpToolResult,
): Promise<void> {
  const { io } = context;
  switch (io.format) {
    case "json":
    case "jsonl":
    case "yaml":
      return await showJson(context, toJson(McpToolResultSchema, result));
    default:
      // A terminal is shown what would move its cursor; a pipe is given it.
      io.data(io.columns === undefined ? result.text : shown(result.text));
  }
}

function shown(text: string): string {
  return visibleText(text.replaceAll("\r\n", "\n"));
}

async function argumentsOf(
  { host }: Context,
  { arg, data }: Pick<OptionValues<CallOptions>, "arg" | "data">,
): Promise<JsonObject> {
  const whole: Json = await readDataOption(host, data) ?? {};
  if (!isJsonObject(whole)) {
    throw invalidArgument(
      'Option "--data" holds no object, which the arguments of a tool are',
      { hints: ['Give them as --data \'{"path": "README.md"}\''] },
    );
  }
  const pairs = parsePairs(arg, 'Option "--arg"');
  const single = Object.entries(pairs).map(([key, text]) =>
    [
      key,
      parseValue(
        text,
        (number) => `Option "--arg" cannot be "${key}=${number}"`,
      ),
    ] as const
  );
  return { ...whole, ...Object.fromEntries(single) };
}
