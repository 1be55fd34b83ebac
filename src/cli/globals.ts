/**
 * The options that every command takes, before and after its name.
 *
 * @module
 */

import type { Command, FlagSpec, OptionValues, ValueSpec } from "./command.ts";

/** How results are printed. */
export const OUTPUT_FORMATS = [
  "table",
  "wide",
  "json",
  "yaml",
  "jsonl",
  "name",
] as const;
/**
 * What `--output` begins with for parts of a result, read by
 * `output/picker.ts`.
 */
export const OUTPUT_PREFIXES = ["jq=", "jsonpath=", "template="] as const;
/** One of the ways in which results are printed. */
export type OutputFormat = typeof OUTPUT_FORMATS[number];

/** When output is coloured. */
export const COLOR_MODES = ["auto", "always", "never"] as const;
/** One of the rules by which output is coloured. */
export type ColorMode = typeof COLOR_MODES[number];

/** Which types of backend there are. */
export const BACKEND_TYPES = ["local", "cloud"] as const;

/** The specifications of the global options. */
export type GlobalOptions = {
  readonly home: ValueSpec;
  readonly config: ValueSpec;
  readonly backend: ValueSpec;
  readonly endpoint: ValueSpec;
  readonly caFile: ValueSpec;
  readonly output: ValueSpec;
  readonly quiet: FlagSpec;
  readonly debug: FlagSpec;
  readonly color: ValueSpec;
  readonly noInput: FlagSpec;
  readonly noTty: FlagSpec;
  readonly timeout: ValueSpec;
  readonly help: FlagSpec;
};

/** The values of the global options. */
export type GlobalValues = OptionValues<GlobalOptions>;

/** The global options. */
export const GLOBAL_OPTIONS: GlobalOptions = {
  home: {
    kind: "value",
    placeholder: "DIR",
    summary:
      "Keep everything in this folder (STIGMER_HOME, default ~/.stigmer)",
    complete: "file",
  },
  config: {
    kind: "value",
    placeholder: "FILE",
    summary:
      "Read this configuration (STIGMER_CONFIG, default HOME/config.yaml)",
    complete: "file",
  },
  backend: {
    kind: "value",
    placeholder: "NAME",
    summary:
      "Use this backend: local, cloud or the name of a context (STIGMER_BACKEND)",
    complete: "backend",
  },
  endpoint: {
    kind: "value",
    placeholder: "URL",
    summary: "Use the server at this address (STIGMER_ENDPOINT)",
  },
  caFile: {
    kind: "value",
    placeholder: "FILE",
    summary:
      "Trust the certificates in this file, too, when a server is asked (STIGMER_CA_FILE)",
    complete: "file",
  },
  output: {
    kind: "value",
    short: "o",
    placeholder: "FORMAT",
    summary: "Print results in this form (STIGMER_OUTPUT)",
    choices: OUTPUT_FORMATS,
    prefixes: OUTPUT_PREFIXES,
  },
  quiet: {
    kind: "flag",
    short: "q",
    summary: "Print results and errors only",
  },
  debug: { kind: "flag", summary: "Print stack traces of errors" },
  color: {
    kind: "value",
    placeholder: "WHEN",
    summary: "Colour output (NO_COLOR, CLICOLOR_FORCE)",
    choices: COLOR_MODES,
  },
  noInput: { kind: "flag", summary: "Never ask" },
  noTty: {
    kind: "flag",
    summary: "Write lines and draw nothing, as into a pipe (CI, TERM=dumb)",
  },
  timeout: {
    kind: "value",
    placeholder: "DURATION",
    summary:
      "Give up after this time, as 90s, 5m or 1h30m; a run ends as FAILED then",
  },
  help: { kind: "flag", short: "h", summary: "Show help" },
};

/** The global options as a command takes them, whose forms may be its own. */
export function globalOptionsOf(
  { formats, writesTo }: Pick<Command, "formats" | "writesTo">,
): GlobalOptions {
  if (writesTo !== undefined) {
    const { choices: _, prefixes: __, ...spec } = GLOBAL_OPTIONS.output;
    const output: ValueSpec = { ...spec, ...writesTo, complete: "file" };
    return { ...GLOBAL_OPTIONS, output };
  }
  if (formats === undefined) return GLOBAL_OPTIONS;
  const { prefixes, ...spec } = GLOBAL_OPTIONS.output;
  const output: ValueSpec = {
    ...spec,
    summary: "Print it in this form",
    choices: formats,
    ...(formats.includes("json") && prefixes !== undefined ? { prefixes } : {}),
  };
  return { ...GLOBAL_OPTIONS, output };
}
