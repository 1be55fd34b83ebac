/**
 * The page of licences that comes with every executable: it contains the work
 * of others, who ask for that.
 *
 * @module
 */

import { type Component, idOf } from "./components.ts";

/** Name of the page within an archive. */
export const NOTICES_FILE = "NOTICES.txt";

const RULE: string = "-".repeat(72);
const HEAD = `Stigmer contains the work of others, under their own licences.

Its runtime is Deno, Copyright the Deno authors, under the MIT License; what
that contains in turn is listed at https://github.com/denoland/deno.
`;

/** Writes the page. */
export function notices(components: readonly Component[]): string {
  return [
    HEAD,
    ...components.map(({ locked, license, notices }) =>
      [
        RULE,
        `${idOf(locked)}${license === "" ? "" : `, ${license}`}`,
        RULE,
        "",
        ...notices.map((it) => `${it}\n`),
      ].join("\n")
    ),
  ].join("\n");
}
