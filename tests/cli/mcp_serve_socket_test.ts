import { match, strictEqual } from "node:assert/strict";
import { systemHost } from "../../src/host/system.ts";
import { GREETING } from "../servers/offered_tools.ts";
import { createPlace, type Place, type Started } from "./program.ts";

/** Lists the tools that are served at a socket; gives the status. */
async function listAt(path: string): Promise<number> {
  const client = systemHost().network.openHttpClient({ unixPath: path });
  try {
    const response = await client.fetch(
      new Request("http://localhost/mcp", {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
        },
        body: JSON.stringify(GREETING),
      }),
    );
    await response.body?.cancel();
    return response.status;
  } finally {
    client.close();
  }
}

/** A folder whose path is short enough for a socket in it. */
async function socketIn(place: Place, mode: number): Promise<string> {
  const folder = `${place.folder}/s${mode.toString(8)}`;
  await Deno.mkdir(folder);
  await Deno.chmod(folder, mode);
  return `${folder}/mcp.sock`;
}

async function serveAt(place: Place, path: string): Promise<Started> {
  const program = place.start(["mcp", "serve", "--http", `unix:${path}`]);
  await program.said(`Serving MCP at unix:${path}`);
  return program;
}

Deno.test("a unix socket is served to its owner alone, also after kill -9 of who served it before", async () => {
  await using place = await createPlace();
  const path = await socketIn(place, 0o700);
  const killed = await serveAt(place, path);
  strictEqual(await listAt(path), 200);
  strictEqual(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  const words = ["mcp", "serve", "--http", `unix:${path}`];
  const second = await place.run(words);
  strictEqual(second.code, 5);
  match(second.stderr, /another server listens there/);
  killed.kill("SIGKILL");
  await killed.ended;
  const again = await serveAt(place, path);
  try {
    strictEqual(await listAt(path), 200);
  } finally {
    again.kill("SIGTERM");
    await again.ended;
  }
});

Deno.test("a unix socket in a folder that others can reach is refused", async () => {
  await using place = await createPlace();
  const path = await socketIn(place, 0o755);
  const refused = await place.run(["mcp", "serve", "--http", `unix:${path}`]);
  strictEqual(refused.code, 5);
  match(refused.stderr, /others can reach its folder/);
});
