/**
 * `stigmer version`.
 *
 * @module
 */

import { VERSION } from "../../model/version.ts";
import { type Command, defineCommand } from "../command.ts";

/** Prints the version. */
export const command: Command = defineCommand({
  summary: "Print the version",
  needs: "reading",
  arguments: {},
  options: {},
  undemanding: true,
  examples: [
    { does: "Print the version", line: "version" },
    { does: "Print it with the machine it runs on", line: "version -o json" },
  ],
  async run({ io, host }) {
    const { os, arch } = host.platform;
    if (io.format === "json" || io.format === "jsonl") {
      io.data(JSON.stringify({ version: VERSION, os, arch }));
    } else if (io.format === "yaml") {
      const { yamlText } = await import("../view.ts");
      io.raw(await yamlText({ version: VERSION, os, arch }));
    } else io.data(VERSION);
    return "ok";
  },
});
