/**
 * The program that runs tools for files in a process of its own, which may
 * read and write in their folder and do nothing else. Calls come as lines of
 * JSON, answers go as such; it ends when no more can come.
 *
 * @module
 */

import { apartHost } from "../host/system_apart.ts";
import { fileCallFromJson, runFileCall } from "./file_tools.ts";

const host = apartHost();
let written: Promise<void> = Promise.resolve();
for await (const line of host.lines()) {
  const { id, call } = fileCallFromJson(JSON.parse(line));
  // Calls go on beside each other; their answers do not mix.
  void runFileCall(call, { ...host, isEnded: true }).then((result) => {
    const answer = JSON.stringify({ id, ...result });
    written = written.then(() => host.writeLine(answer));
  });
}
