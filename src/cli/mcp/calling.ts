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
import { visibleLine, visibleText } from "../../model/hidden_text.ts";
import { invalidArgument, StigmerError } from "../../model/error.ts";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { shellWord } from "../../model/shell_word.ts";
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
import { showJson } from "../view.ts";
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
  const single = pairsOf(options.arg);
  const given = await argumentsOf(context, { ...options, single });
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
    (context) => call(context, { request, hints: textHints(single) }),
    "Cancelled: the server was told, and ended",
  );
}

async function call(
  context: Context,
  { request, hints }: {
    readonly request: Parameters<BackendClient["callMcpTool"]>[0];
    /** What may help where the tool says that it failed. */
    readonly hints: readonly string[];
  },
): Promise<Ending> {
  const { io, signal } = context;
  await using backend = await openFor(context);
  for await (
    const { piece } of backend.client.callMcpTool(request, { signal })
  ) {
    if (piece.case === "progress") io.note(visibleLine(piece.value));
    if (piece.case !== "result") continue;
    await showResult(context, piece.value);
    if (!piece.value.isError) return "ok";
    for (const hint of hints) io.note(hint);
    return "failed";
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

/** What `--arg` gives, as it was written and as it was read. */
interface SingleArgument {
  readonly key: string;
  readonly text: string;
  readonly value: Json;
}

function pairsOf(arg: readonly string[]): readonly SingleArgument[] {
  const pairs = Object.entries(parsePairs(arg, 'Option "--arg"'));
  return pairs.map(([key, text]) => ({
    key,
    text,
    value: parseValue(
      text,
      (number) => `Option "--arg" cannot be "${key}=${number}"`,
    ),
  }));
}

/** Says how what was read as a number or the like is given as a text. */
function textHints(single: readonly SingleArgument[]): readonly string[] {
  return single.filter(({ value }) =>
    typeof value === "number" || typeof value === "boolean" || value === null
  ).map(({ key, text }) => {
    const word = shellWord(`${key}=${JSON.stringify(text)}`);
    return `If "${key}" is to be a text: --arg ${word}`;
  });
}

async function argumentsOf(
  { host }: Context,
  { data, single }: Pick<OptionValues<CallOptions>, "data"> & {
    readonly single: readonly SingleArgument[];
  },
): Promise<JsonObject> {
  const whole: Json = await readDataOption(host, data) ?? {};
  if (!isJsonObject(whole)) {
    throw invalidArgument(
      'Option "--data" holds no object, which the arguments of a tool are',
      { hints: ['Give them as --data \'{"path": "README.md"}\''] },
    );
  }
  const values = single.map(({ key, value }) => [key, value] as const);
  return { ...whole, ...Object.fromEntries(values) };
}
