/**
 * Changes keys: the master key, and the data keys of environments.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  RekeyEnvironmentResponseSchema,
  type RotateVaultKeyResponse,
  RotateVaultKeyResponseSchema,
} from "../../../gen/stigmer/backend/v1/backend_pb.ts";
import type { BackendClient } from "../../backend/open.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { showJson } from "../view.ts";

/** The variables of keys that people keep themselves. */
const GIVEN_IN: Readonly<Record<string, string>> = {
  env: "STIGMER_MASTER_KEY",
  "env-file": "STIGMER_MASTER_KEY_FILE",
};

/** Puts a new master key in the place of the current one. */
export async function rotateKey(
  context: Context,
  options: {
    readonly source: string | undefined;
    readonly forgetOld: boolean;
  },
): Promise<Ending> {
  const { io, signal } = context;
  const { source = "", forgetOld } = options;
  await using backend = await openFor(context);
  const answer = await backend.client.rotateVaultKey(
    { source, forgetOld },
    { signal },
  );
  switch (io.format) {
    case "name":
      io.data(answer.newKeyId);
      break;
    case "table":
    case "wide":
      if (!io.quiet) io.data(rotatedText(answer));
      io.note(await afterwards(backend.client, { forgetOld, signal }));
      break;
    default:
      await showJson(context, toJson(RotateVaultKeyResponseSchema, answer));
  }
  return "ok";
}

/** Encrypts the secrets of environments anew, one environment at a time. */
export async function rekeyEnvironments(
  context: Context,
  names: readonly string[],
): Promise<Ending> {
  const { io, signal } = context;
  await using backend = await openFor(context);
  for (const name of names) {
    const answer = await backend.client.rekeyEnvironment({ name }, { signal });
    switch (io.format) {
      case "name":
        io.data(name);
        break;
      case "table":
      case "wide":
        if (!io.quiet) {
          io.data(
            `${name}: ${count(answer.secretCount, "secret")} encrypted anew`,
          );
        }
        break;
      default:
        await showJson(context, toJson(RekeyEnvironmentResponseSchema, answer));
    }
  }
  return "ok";
}

/** Says what is left to do, or to know. */
async function afterwards(
  client: BackendClient,
  { forgetOld, signal }: {
    readonly forgetOld: boolean;
    readonly signal: AbortSignal;
  },
): Promise<string> {
  const { status } = await client.getVaultStatus({}, { signal });
  const variable = GIVEN_IN[status?.source ?? ""];
  if (variable !== undefined) {
    return `Now give the new key as ${variable}, in the place of the old one, ` +
      "to whatever works with this database";
  }
  return forgetOld
    ? "The old key is removed: older backups and exported secrets need it, " +
      "and cannot be opened any more"
    : "The old key is kept: older backups and exported secrets need it";
}

function rotatedText(answer: RotateVaultKeyResponse): string {
  const { oldKeyId, newKeyId, dataKeyCount, resumed } = answer;
  const end = resumed ? ", which had been begun before" : "";
  return `Rotated the master key from ${oldKeyId} to ${newKeyId}${end}; ` +
    `${count(dataKeyCount, "data key")} wrapped anew`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
