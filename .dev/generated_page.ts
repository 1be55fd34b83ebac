/**
 * Pages of the documentation that are written from the program itself: written
 * anew, or compared with what stands there.
 *
 * @module
 */

import { ROOT } from "./command.ts";

/** A table of Markdown; a bar in a cell does not end it. */
export function markdownTable(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(headers),
    line(headers.map(() => "---")),
    ...rows.map((cells) =>
      line(cells.map((it) => it.replaceAll("|", "\\|").replaceAll("\n", " ")))
    ),
  ].join("\n");
}

/**
 * Writes a page as `deno fmt` does; with `--check` among the arguments of the
 * program it ends with 1 when the page is stale.
 */
export async function writeOrCheckPage(
  path: string,
  markdown: string,
): Promise<void> {
  const wanted = await formatted(markdown);
  if (!Deno.args.includes("--check")) {
    await Deno.writeTextFile(ROOT + path, wanted);
    return;
  }
  const found = await Deno.readTextFile(ROOT + path).catch(() => "");
  if (found.replaceAll("\r\n", "\n") !== wanted) {
    console.error(`${path} is stale`);
    Deno.exit(1);
  }
}

/** Formats Markdown as `deno fmt` does. */
async function formatted(markdown: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext=md", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(markdown));
  await writer.close();
  const { stdout, success } = await child.output();
  if (!success) throw new Error("Cannot format a page with `deno fmt`");
  return new TextDecoder().decode(stdout);
}
