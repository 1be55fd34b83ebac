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
import type { Backend } from "../../backend/open.ts";
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
      for (const text of await afterwards(context, backend, answer)) {
        io.note(text);
      }
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
  { signal }: Context,
  { client }: Backend,
  answer: RotateVaultKeyResponse,
): Promise<readonly string[]> {
  const { status } = await client.getVaultStatus({}, { signal });
  const variable = GIVEN_IN[status?.source ?? ""];
  const texts = forgettingTexts(answer, status?.retiredKeyIds ?? []);
  return variable === undefined ? texts : [
    `Now give the new key as ${variable}, in the place of the old one, ` +
    "to whatever works with this database",
    ...texts,
  ];
}

function forgettingTexts(
  { oldKeyId, forgottenKeyIds, keptKeyIds }: RotateVaultKeyResponse,
  retired: readonly string[],
): readonly string[] {
  if (forgottenKeyIds.length === 0 && keptKeyIds.length === 0) {
    return retired.includes(oldKeyId)
      ? ["The old key is kept: older backups and exported secrets need it"]
      : [];
  }
  const texts: string[] = [];
  if (forgottenKeyIds.length > 0) {
    texts.push(
      `Removed ${forgottenKeyIds.join(", ")}: older backups and exported ` +
        "secrets need them, and are opened by copies of these keys alone",
    );
  }
  if (keptKeyIds.length > 0) {
    texts.push(
      `Not removed, since you keep them yourself: ${keptKeyIds.join(", ")}; ` +
        "remove them from wherever they were given as STIGMER_MASTER_KEY or " +
        "STIGMER_MASTER_KEY_FILE",
    );
  }
  return texts;
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
