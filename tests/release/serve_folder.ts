/**
 * Serves a folder of what is to be released as the latest release, on this
 * machine alone: `deno run -A tests/release/serve_folder.ts DIR` prints the
 * address of its releases and serves until it is ended.
 *
 * @module
 */

import { parseReleaseFile } from "../../src/release/release_file.ts";

const [folder = "."] = Deno.args;
const { version } = parseReleaseFile(
  await Deno.readTextFile(`${folder}/release.json`),
);
const PREFIXES = [
  "/releases/latest/download/",
  `/releases/download/v${version}/`,
];

/** Gives a file of the folder. */
async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const prefix = PREFIXES.find((it) => pathname.startsWith(it));
  const name = pathname.slice(prefix?.length);
  if (prefix === undefined || !/^[\w-][\w.-]*$/.test(name)) {
    return new Response("Not Found", { status: 404 });
  }
  try {
    const file = await Deno.open(`${folder}/${name}`);
    return new Response(file.readable);
  } catch {
    return new Response("Not Found", { status: 404 });
  }
}

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(`http://127.0.0.1:${port}/releases`),
}, answer);
