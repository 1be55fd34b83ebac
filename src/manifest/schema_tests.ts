/**
 * The JSON Schema of files of tests, for editors.
 *
 * @module
 */

import type { JsonObject } from "../model/json.ts";
import {
  ANY,
  anyOf,
  choice,
  constant,
  FLAG,
  list,
  map,
  object,
  type Part,
  ref,
  said,
  TEXT,
} from "./_schema_parts.ts";
import { END_PHASES } from "./_tests_expect.ts";
import { APPROVE_WORDS } from "./_tests_file.ts";

const COUNT: Part = { type: "integer", minimum: 0 };
const DURATION = said(TEXT, "A length of time, as 5s or 1m30s");
const TEXTS = anyOf(TEXT, list(TEXT));
const EXPECTED_TEXTS = anyOf(TEXT, list(TEXT, 1));
const SHARED: Readonly<Record<string, Part>> = {
  agent: said(TEXT, "The agent: FILE, or FILE#NAME where the file has several"),
  workflow: said(TEXT, "The workflow: FILE or FILE#NAME"),
  definitions: said(TEXTS, "Further files and folders that runs need"),
  skills: said(TEXTS, "Folders of skills that runs need"),
  workspace: said(TEXT, "A folder whose copy each case works in"),
  environment: said(
    map({ type: ["string", "number", "boolean"] }),
    "Variables of the runs",
  ),
  secrets: said(
    map({ type: "string", pattern: "^\\$\\{" }),
    "Secrets of the runs, each as ${VARIABLE} or ${VARIABLE:-made-up}",
  ),
  timeout: said(DURATION, "How long a case may take"),
  approve: said(
    choice(...APPROVE_WORDS),
    "Whether tool calls are made that a person is to be asked about; all if not said",
  ),
};

/** Gives the JSON Schema of files of tests. */
export function testsSchema(): JsonObject {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    ...object("Stigmer tests", {
      ...SHARED,
      "cases!": list(ref("case")),
    }),
    definitions: definitions(),
  };
}

function definitions(): Readonly<Record<string, Part>> {
  return {
    case: object("a case", {
      "name!": said(TEXT, "What it shows; no other case of the file has it"),
      ...SHARED,
      message: said(TEXT, "What is said to the agent"),
      messages: said(
        list(TEXT, 1),
        "What is said to it, one after another in one session",
      ),
      input: said(ANY, "The input"),
      script: said(TEXT, "A file of answers, as script:FILE"),
      cassette: said(TEXT, "A recorded run that is done again"),
      model: said(TEXT, "A real model; only with --live"),
      skip: said(TEXT, "Why it is not run"),
      expect: said(ref("expect"), "What must come of it"),
    }),
    expect: object("what is expected", {
      status: said(choice(...END_PHASES), "How it ends; COMPLETED if not said"),
      output: said(anyOf(TEXT, ref("matcher")), "The output, or last answer"),
      error: said(anyOf(TEXT, ref("matcher")), "Why it failed"),
      toolCalls: said(
        anyOf(
          constant("none"),
          list(ref("call"), 1),
          object("calls", { only: FLAG, "calls!": list(ref("call")) }),
        ),
        "Tool calls, in this order, others may be between them",
      ),
      limits: said(
        object("limits", {
          turns: COUNT,
          toolCalls: COUNT,
          tokens: COUNT,
          costUsd: { type: "number", minimum: 0 },
          duration: DURATION,
        }),
        "What it may use at the most",
      ),
    }),
    call: anyOf(
      TEXT,
      object("a tool call", {
        "tool!": said(
          TEXT,
          "Its name as models see it; * for any letters, ? for one",
        ),
        arguments: said(ANY, "What its arguments must have, or a matcher"),
        times: said(COUNT, "How often it is made in the whole run"),
      }),
    ),
    matcher: object("a matcher", {
      contains: said(EXPECTED_TEXTS, "Texts that it must hold"),
      matches: said(
        EXPECTED_TEXTS,
        "Regular expressions that must find something",
      ),
      equals: said(ANY, "What it must be"),
      has: said(map(ANY), "Members that it must have, more is fine"),
      schema: said({ type: ["object", "boolean"] }, "JSON Schema it must fit"),
      not: said(anyOf(TEXT, ref("matcher")), "What it must not be"),
    }),
  };
}
