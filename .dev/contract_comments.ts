/**
 * Writes `gen/contract_comments.json`: what the contract says of its messages,
 * fields, enums, values and calls. The code that buf generates keeps these as
 * comments, which the program cannot read.
 *
 * @module
 */

import { type Contract, readContract } from "./contract.ts";

/** Where the comments stand, below the repository. */
export const COMMENTS_PATH = "gen/contract_comments.json";

/** Writes the comments below a folder. */
export async function writeContractComments(folder: string): Promise<void> {
  const text = JSON.stringify(commentsOf(await readContract()), null, 1);
  await Deno.writeTextFile(`${folder}/${COMMENTS_PATH}`, `${text}\n`);
}

/** Gives the comments by name: `Agent`, `Agent.spec`, `CreateAgent`. */
export function commentsOf(
  { types, calls }: Pick<Contract, "types" | "calls">,
): Record<string, string> {
  const comments = [
    ...types.flatMap(({ name, doc, fields }) => [
      [name, doc] as const,
      ...fields.map((it) => [`${name}.${it.name}`, it.doc] as const),
    ]),
    ...calls.map((it) => [it.name, it.doc] as const),
  ];
  return Object.fromEntries(
    comments.filter(([, doc]) => doc !== "")
      .map(([name, doc]) => [name, paragraphs(doc)]),
  );
}

/** Joins the lines of a comment, but for those between paragraphs. */
function paragraphs(comment: string): string {
  return comment.trim().split(/\n\s*\n/)
    .map((it) => it.split("\n").map((line) => line.trim()).join(" "))
    .join("\n\n");
}
