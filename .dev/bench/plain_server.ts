/**
 * The floor for a server: reads JSON, and writes an answer that stands fast as
 * JSON. It takes the file of the answers by their paths.
 *
 * @module
 */

if (import.meta.main) {
  const [path = ""] = Deno.args;
  const answers: unknown = JSON.parse(await Deno.readTextFile(path));
  const all = new Map(Object.entries(Object(answers)));
  Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) =>
      console.error(`Listening on http://127.0.0.1:${port}`),
  }, async (request) => {
    await request.json();
    return Response.json(all.get(new URL(request.url).pathname.slice(1)));
  });
}
