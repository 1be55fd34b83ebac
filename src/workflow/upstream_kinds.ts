/**
 * The kinds of task of later upstream workflows, in all their spellings.
 *
 * @module
 */

import {
  convertAgent,
  convertGrpc,
  convertHttp,
  convertLlm,
  convertRun,
} from "./upstream_calls.ts";
import { convertTransform, convertValidate } from "./upstream_data.ts";
import { convertEmit, convertHuman, convertListen } from "./upstream_events.ts";
import {
  convertFor,
  convertFork,
  convertRaise,
  convertSet,
  convertSwitch,
  convertTry,
  convertWait,
} from "./upstream_flow.ts";
import type { Convert } from "./_upstream_task.ts";

/** How each kind is converted, by its latest name. */
export const CONVERTERS: Readonly<Record<string, Convert>> = {
  set_vars: convertSet,
  http_call: convertHttp,
  grpc_call: convertGrpc,
  switch_case: convertSwitch,
  for_each: convertFor,
  fork: convertFork,
  try_catch: convertTry,
  listen: convertListen,
  wait: convertWait,
  raise_error: convertRaise,
  run_workflow: convertRun,
  agent_call: convertAgent,
  llm_call: convertLlm,
  transform: convertTransform,
  validate: convertValidate,
  human_input: convertHuman,
  emit_event: convertEmit,
};

/** Kinds without a counterpart: why, and what to do. */
export const REFUSED: Readonly<
  Record<string, { readonly message: string; readonly hint: string }>
> = {
  activity_call: {
    message: "Activities were code of the runner, which is not here",
    hint: 'Use "http_call", or "run_workflow" of a workflow that does it',
  },
  eval: {
    message: "There is no task that scores an answer",
    hint: 'Use "llm_call" with a response_schema for the score',
  },
  notification: {
    message: "There is no task that sends notifications",
    hint: 'Use "http_call" to the service that sends them',
  },
};

/** Other spellings of the kinds. */
const ALIASES: Readonly<Record<string, string>> = {
  set: "set_vars",
  http: "http_call",
  call_http: "http_call",
  grpc: "grpc_call",
  call_grpc: "grpc_call",
  activity: "activity_call",
  call_activity: "activity_call",
  switch: "switch_case",
  for: "for_each",
  foreach: "for_each",
  parallel: "fork",
  try: "try_catch",
  sleep: "wait",
  raise: "raise_error",
  run: "run_workflow",
  agent: "agent_call",
  call_agent: "agent_call",
  llm: "llm_call",
  call_llm: "llm_call",
  human: "human_input",
  emit: "emit_event",
  notify: "notification",
};

/** Finds a kind by any of its spellings: `set_vars`, `SET`, `http_call` … */
export function canonicalKind(text: string): string | undefined {
  const word = text.replaceAll(/([a-z])([A-Z])/g, "$1_$2").toLowerCase()
    .replaceAll("-", "_").replace(/^workflow_task_kind_/, "");
  const kind = Object.hasOwn(ALIASES, word) ? ALIASES[word] : word;
  const isKnown = kind !== undefined &&
    (Object.hasOwn(CONVERTERS, kind) || Object.hasOwn(REFUSED, kind));
  return isKnown ? kind : undefined;
}
