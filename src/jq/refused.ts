/**
 * What programs may not use, and why: it is about the machine that runs them.
 *
 * @module
 */

/** Functions that are refused. */
export const REFUSED_FUNCTIONS: Readonly<Record<string, string>> = {
  debug: "it writes to the terminal",
  env: "it reads the environment of this process",
  get_jq_origin: "it reads the file system",
  get_prog_origin: "it reads the file system",
  get_search_list: "it reads the file system",
  halt: "it ends the evaluator",
  halt_error: "it ends the evaluator",
  input: "there is no further input",
  input_filename: "there is no input file",
  input_line_number: "there is no input file",
  inputs: "there is no further input",
  localtime: "it depends on the time zone of this machine, use gmtime",
  modulemeta: "it reads the file system",
  stderr: "it writes to the terminal",
  strflocaltime: "it depends on the time zone of this machine, use strftime",
};

/** Variables that are refused, without `$`. */
export const REFUSED_VARIABLES: Readonly<Record<string, string>> = {
  ARGS: "there are no arguments",
  ENV: "it reads the environment of this process",
  __prog_args: "there are no arguments",
};
