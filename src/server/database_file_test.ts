import { rejects } from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import { databaseLost } from "./database_file.ts";

const LOST = { code: "DATA_LOSS" };

/** Watches a file while something is done with it. */
async function watched(
  change: (path: string, end: () => void) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/stigmer.db`;
  await Deno.writeTextFile(path, "first");
  const end = new AbortController();
  try {
    const lost = databaseLost(systemHost(), path, end.signal);
    lost.catch(() => {}); // Met below.
    await change(path, () => end.abort());
    await lost;
  } finally {
    end.abort();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("databaseLost() throws once the file is gone", async () => {
  await rejects(watched((path) => Deno.remove(path)), {
    ...LOST,
    message: /: it was removed$/,
  });
});

Deno.test("databaseLost() throws once another file is in its place", async () => {
  const replaced = watched(async (path) => {
    await Deno.writeTextFile(`${path}.new`, "second");
    await Deno.rename(`${path}.new`, path);
  });
  await rejects(replaced, { ...LOST, message: /: it is another file now$/ });
});

Deno.test("databaseLost() lets a file be written, and ends with its signal", async () => {
  await watched(async (path, end) => {
    await Deno.writeTextFile(path, "more", { append: true });
    end();
  });
});
