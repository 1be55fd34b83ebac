/**
 * `stigmer export`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Exports resources. */
export const command: Command = defineCommand({
  summary: "Write resources to a file or folder, to be imported elsewhere",
  needs: "secrets",
  details: [
    "An export has no ids and no times, so that the same resources are always the same bytes. Of secrets it has the names alone, unless --secrets says otherwise: sealed ones open with the same master key, reencrypt ones with a passphrase.",
    "A folder, with / at its end, gets a file for each resource. What has not changed is not touched.",
  ],
  arguments: {
    words: {
      kind: "rest",
      summary: "Kinds, as agent or workflow; then names, slugs or ids of them",
      complete: "kind",
    },
  },
  options: {
    all: { kind: "flag", summary: "Export every kind" },
    withHistory: {
      kind: "flag",
      summary: "Export versions, sessions, ended executions, artifacts, too",
    },
    secrets: {
      kind: "value",
      placeholder: "HOW",
      summary: "What becomes of secrets; default omit",
      choices: ["omit", "sealed", "reencrypt"],
    },
    passphraseStdin: {
      kind: "flag",
      summary: "Read the passphrase for reencrypt from standard input",
    },
  },
  writesTo: {
    placeholder: "FILE",
    summary: "Write to this file, or DIR/; default standard output",
  },
  examples: [
    { does: "Export everything into a file", line: "export --all -o all.yaml" },
    {
      does: "Keep all agents and workflows in a folder of a repository",
      line: "export agent workflow -o stigmer/",
    },
    {
      does: "Take everything along, secrets under a passphrase",
      line:
        "export --all --with-history --secrets reencrypt --passphrase-stdin -o all.yaml",
    },
  ],
  async run(context, { args, options }) {
    const { exportResources } = await import("../exporting.ts");
    return await exportResources(context, { ...options, ...args });
  },
});
