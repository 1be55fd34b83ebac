/**
 * Puts a backup in the place of the database of this machine.
 *
 * @module
 */

import type { Restored } from "../backend/restore.ts";
import { importUnseen } from "../model/unseen.ts";
import type { Ending } from "./command.ts";
import { type Context, openFor, refuseServer } from "./context.ts";
import { fileErrorOf } from "./file_error.ts";
import { absolutePath, joinPath } from "./path.ts";
import { statusIn } from "./secrets/key.ts";
import { showJson } from "./view.ts";

/** Name of the database within the home folder. */
const DATABASE_NAME = "stigmer.db";

/** Restores a backup, and says what stands in the way of using it. */
export async function restore(
  context: Context,
  file: string,
  options: { readonly force: boolean; readonly discard: boolean },
): Promise<Ending> {
  const { host, settings, signal } = context;
  await refuseServer(context, "restore a backup");
  const databasePath = settings.databasePath ??
    joinPath(host, settings.home, DATABASE_NAME);
  const { restoreDatabase } = await importUnseen<
    typeof import("../backend/restore.ts")
  >("../backend/restore.ts", import.meta.url);
  const path = absolutePath(host, file);
  try {
    const restored = await restoreDatabase({
      host,
      databasePath,
      file: path,
      signal,
      ...settings.sqlite,
      ...options,
    });
    await tell(context, { path, databasePath, restored });
  } catch (error) {
    // Another file than the backup is named by the error itself.
    const isOther = error instanceof Error &&
      / '[^']+'/.test(error.message) && !error.message.includes(`'${path}'`);
    throw fileErrorOf(
      error,
      isOther ? undefined : `Cannot restore "${file}"`,
    ) ?? error;
  }
  await tellKey(context);
  return "ok";
}

async function tell(
  context: Context,
  of: {
    readonly path: string;
    readonly databasePath: string;
    readonly restored: Restored;
  },
): Promise<void> {
  const { io } = context;
  const { path, databasePath, restored } = of;
  const { fromSchemaVersion, schemaVersion, keptPath } = restored;
  if (io.format === "name") return io.data(databasePath);
  if (io.format !== "table" && io.format !== "wide") {
    return await showJson(context, { databasePath, ...restored });
  }
  if (!io.quiet) io.data(`Restored "${databasePath}" from "${path}"`);
  if (fromSchemaVersion !== schemaVersion) {
    io.note(
      `Brought it from schema version ${fromSchemaVersion} to ${schemaVersion}`,
    );
  }
  if (keptPath !== undefined) io.note(`What was there is "${keptPath}"`);
}

/** Says when the secrets of what was restored cannot be opened here. */
async function tellKey(context: Context): Promise<void> {
  const { io, signal } = context;
  await using backend = await openFor(context);
  const status = statusIn(await backend.client.getVaultStatus({}, { signal }));
  if (status.keyId === "" || status.problem === "") return;
  io.warn(status.problem);
  for (const hint of status.hints) io.note(`Hint: ${hint}`);
}
