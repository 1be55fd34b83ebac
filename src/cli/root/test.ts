/**
 * `stigmer test`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { FILE_OPTION } from "../sources.ts";

/** Runs tests. */
export const command: Command = defineCommand({
  summary: "Run tests of agents and workflows, with no key and no network",
  needs: "machine",
  details: [
    "Each case runs in a home folder of its own that is thrown away: what you have applied is neither used nor changed. Answers come from scripts and cassettes; a model is asked only with --record or --live.",
    "Without a file it looks for tests.yaml and *.tests.yaml in the current folder and below. --timeout bounds each case; 60 s unless the file says otherwise.",
    "It ends with 0 when all is as expected, with 1 when it is not, and with 2 when a file is wrong.",
  ],
  arguments: {
    files: {
      kind: "rest",
      summary: "Files and folders, as with --file",
      complete: "file",
    },
  },
  options: {
    file: FILE_OPTION,
    filter: {
      kind: "value",
      placeholder: "TEXT",
      summary: "Run only the cases whose name contains this",
    },
    junit: {
      kind: "value",
      placeholder: "FILE",
      summary: "Write the results as JUnit XML too",
      complete: "file",
    },
    jobs: {
      kind: "value",
      placeholder: "N",
      summary: "Run this many cases at once; 4 unless given",
    },
    failFast: {
      kind: "flag",
      summary: "Begin no further case once one has failed",
    },
    record: {
      kind: "flag",
      summary: "Ask the models and write the cassettes anew",
    },
    live: {
      kind: "flag",
      summary: "Run the cases that ask a real model, too",
    },
  },
  timesExecution: true,
  undemanding: true,
  examples: [
    { does: "Run the tests of a file", line: "test -f tests.yaml" },
    {
      does: "Run all tests of this folder, for a CI system",
      line: "test --junit results.xml",
    },
    {
      does: "Record the cassettes of some cases anew",
      line: "test -f tests.yaml --filter review --record",
    },
  ],
  async run(context, { args, options }) {
    const { runTests } = await import("../testing/testing.ts");
    const files = [...options.file, ...args.files];
    return await runTests(context, { ...options, files });
  },
});
