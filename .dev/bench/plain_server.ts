/**
 * The floor for a server: reads JSON, and writes an answer that stands fast as
 * JSON. It takes the file of the answers by their paths; and a file for a
 * database, to which a call below `commit/` commits a row before its answer.
 * A third word is the socket where it listens, too.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";

if (import.meta.main) {
  const [path = "", databasePath = ":memory:", socketPath] = Deno.args;
  const answers: unknown = JSON.parse(await Deno.readTextFile(path));
  const all = new Map(Object.entries(Object(answers)));
  const database = new DatabaseSync(databasePath);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.exec("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)");
  const insert = database.prepare("INSERT INTO rows (text) VALUES (?)");
  const answer = async (request: Request): Promise<Response> => {
    const asked: unknown = await request.json();
    const [, first = "", second] = new URL(request.url).pathname.split("/");
    if (first === "commit") insert.run(JSON.stringify(asked));
    return Response.json(all.get(second ?? first));
  };
  if (socketPath !== undefined) {
    Deno.serve({ path: socketPath, onListen() {} }, answer);
  }
  Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) =>
      console.error(`Listening on http://127.0.0.1:${port}`),
  }, answer);
}
