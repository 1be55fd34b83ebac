/**
 * Sends signals to executions.
 *
 * @module
 */

import { fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { SignalExecutionResponseSchema } from "../../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { readDataOption } from "../data_option.ts";
import { showJson } from "../view.ts";
import { executionIdOf } from "./last.ts";

/** Sends a signal and says where in the journal it stands. */
export async function signalExecution(
  context: Context,
  signal: {
    readonly id: string;
    readonly name: string;
    readonly data: string | undefined;
  },
): Promise<Ending> {
  const { io } = context;
  const { name, data } = signal;
  const payload = await readDataOption(context.host, data);
  await using backend = await openFor(context);
  const { client } = backend;
  const id = await executionIdOf(client, signal.id, context.signal);
  const answer = await client.signalExecution({
    id,
    name,
    ...(payload === undefined
      ? {}
      // The protobuf library asks for JSON that it may change, but does not.
      : { payload: fromJson(ValueSchema, payload as JsonValue) }),
  }, { signal: context.signal });
  if (io.format === "name") io.data(id);
  else if (io.format === "table" || io.format === "wide") {
    if (!io.quiet) io.data(`${id} got "${name}" as entry ${answer.sequence}`);
  } else {
    await showJson(context, toJson(SignalExecutionResponseSchema, answer));
  }
  return "ok";
}
