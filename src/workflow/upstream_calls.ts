/**
 * Upstream tasks that reach out: requests, agents, models, workflows.
 *
 * @module
 */

import { isJsonObject, member } from "../model/json.ts";
import { reportWarning } from "./fields.ts";
import { copied, made, type Traced } from "./traced.ts";
import {
  call,
  checkConfig,
  type ConvertedTask,
  field,
  fieldPlace,
  innerOf,
  refuseField,
  secondsTimeout,
  textOf,
  type UpstreamTask,
  valueOf,
  warnFields,
} from "./_upstream_task.ts";

/** `http_call`: its output is `{status_code, headers, body}` there. */
export function convertHttp(task: UpstreamTask): ConvertedTask {
  checkConfig(task, {
    known: [
      "method",
      "endpoint",
      "uri",
      "headers",
      "query",
      "body",
      "timeout_seconds",
      "redirect",
      "output",
    ],
    required: ["method"],
  });
  const method = member(task.config, "method");
  const timeout = secondsTimeout(task, "timeout_seconds");
  const output = textOf(task.config, "output", "");
  return {
    entries: call(task, "http", [
      [
        "method",
        copied(
          typeof method === "string" ? method.toLowerCase() : method ?? "get",
          fieldPlace(task, "method").pointer,
        ),
      ],
      field(task, "endpoint") ?? field(task, "uri", { as: "endpoint" }),
      field(task, "headers"),
      field(task, "query"),
      field(task, "body"),
      field(task, "redirect"),
      field(task, "output") ??
        ["output", copied("response", task.place.pointer)],
    ]),
    ...(output === ""
      ? {
        shape: "{status_code: .statusCode, headers: .headers, body: .content}",
      }
      : {}),
    ...(timeout === undefined ? {} : { timeout }),
  };
}

/** `grpc_call`: with the description of the service, which is needed here. */
export function convertGrpc(task: UpstreamTask): ConvertedTask {
  checkConfig(task, {
    known: ["service", "method", "request", "host", "port", "proto"],
    required: ["service", "method", "host", "proto"],
  });
  const { pointer } = task.place;
  const proto = member(task.config, "proto");
  const at = fieldPlace(task, "proto");
  return {
    entries: call(task, "grpc", [
      [
        "proto",
        typeof proto === "string"
          ? made(at.pointer, [["endpoint", valueOf(task, proto, at)]])
          : valueOf(task, proto ?? {}, at),
      ],
      [
        "service",
        made(pointer, [
          field(task, "service", { as: "name" }),
          field(task, "host"),
          field(task, "port"),
        ]),
      ],
      field(task, "method"),
      field(task, "request", { as: "arguments" }),
    ]),
  };
}

/** What is done when an answer does not fit its schema. */
function noteOnInvalid(task: UpstreamTask): void {
  const onInvalid = textOf(task.config, "on_invalid", "FAIL");
  if (/fallback/i.test(onInvalid)) {
    refuseField(task, "on_invalid", {
      message: `"on_invalid: ${onInvalid}" has no counterpart`,
      hint: "Put the task into a try, whose catch does the other task",
    });
  }
  warnFields(
    task,
    ["max_retries", "fallback_task"],
    "An answer that does not fit its schema is asked for again by itself",
  );
}

const SPENDING = [
  "max_cost_micros",
  "max_cost_usd",
  "max_total_tokens",
] as const;

/** `agent_call`: its output is `{final_text, structured}` there. */
export function convertAgent(task: UpstreamTask): ConvertedTask {
  checkConfig(task, {
    known: [
      "agent",
      "message",
      "env",
      "run_config",
      "config",
      "output",
      "harness",
      "workspace_entries",
      "environment_refs",
      "timeout",
    ],
    required: ["agent"],
  });
  refuseField(task, "env", {
    message: '"env" of an agent call has no counterpart',
    hint: "Give the variables to the run, or bind an environment to the agent",
  });
  warnFields(
    task,
    ["harness", "workspace_entries", "environment_refs"],
    "It belongs to the agent",
  );
  const settings = settingsOf(task);
  const output = innerOf(task, "output");
  noteOnInvalid(output);
  const schema = field(output, "schema");
  const timeout = secondsTimeout(settings, "timeout") ??
    secondsTimeout(task, "timeout");
  return {
    entries: call(task, "agent", [
      agentName(task),
      field(task, "message"),
      field(settings, "model") ??
        field(settings, "model_name", { as: "model" }),
      schema === undefined
        ? undefined
        : ["output", made(output.place.pointer, [schema])],
    ]),
    ...(timeout === undefined ? {} : { timeout }),
    shape: schema === undefined
      ? "{final_text: ., structured: null}"
      : "{final_text: tojson, structured: .}",
  };
}

/** `org/slug` is `slug` where there is one organisation. */
function agentName(task: UpstreamTask): readonly [string, Traced] {
  const at = fieldPlace(task, "agent");
  const name = member(task.config, "agent") ?? null;
  const isPlain = typeof name === "string" && !name.includes("${");
  return [
    "agent",
    isPlain
      ? copied(name.split("/").at(-1) ?? name, at.pointer)
      : valueOf(task, name, at),
  ];
}

/** The settings of a model: `run_config`, or `config` in older files. */
function settingsOf(task: UpstreamTask): UpstreamTask {
  const key = member(task.config, "run_config") === undefined
    ? "config"
    : "run_config";
  const settings = innerOf(task, key);
  checkConfig(settings, {
    known: [
      "model",
      "model_name",
      "timeout",
      "temperature",
      "max_tool_rounds",
      "service_tier",
      "thinking_mode",
      ...SPENDING,
    ],
  });
  warnFields(
    settings,
    [
      "temperature",
      "max_tool_rounds",
      "service_tier",
      "thinking_mode",
      ...SPENDING,
    ],
    "It belongs to the agent: spec.model and spec.limits",
  );
  return settings;
}

/** `llm_call`: its output is `{text, structured}` there. */
export function convertLlm(task: UpstreamTask): ConvertedTask {
  checkConfig(task, {
    known: [
      "model",
      "prompt",
      "system_prompt",
      "response_schema",
      "temperature",
      "max_tokens",
      "timeout",
      "on_invalid",
      "max_retries",
      "fallback_task",
      ...SPENDING,
    ],
    required: ["prompt"],
  });
  noteOnInvalid(task);
  warnFields(task, SPENDING, "There is no bound on what one call may cost");
  const schema = field(task, "response_schema", { as: "schema" });
  const timeout = secondsTimeout(task, "timeout");
  return {
    entries: call(task, "llm", [
      field(task, "model"),
      field(task, "prompt"),
      field(task, "system_prompt", { as: "system" }),
      schema,
      field(task, "temperature"),
      field(task, "max_tokens", { as: "maxOutputTokens" }),
    ]),
    ...(timeout === undefined ? {} : { timeout }),
    shape: schema === undefined
      ? "{text: ., structured: null}"
      : "{text: tojson, structured: .}",
  };
}

/** `run_workflow`, and what the engine took besides. */
export function convertRun(task: UpstreamTask): ConvertedTask {
  const { pointer } = task.place;
  const inner = ["workflow", "shell", "script", "container"].find((key) =>
    isJsonObject(member(task.config, key))
  );
  if (inner !== undefined || member(task.config, "run") !== undefined) {
    const whole = member(task.config, "run") ?? task.written;
    return { entries: [["run", valueOf(task, whole, task.place)]] };
  }
  checkConfig(task, { known: ["workflow", "input"], required: ["workflow"] });
  const name = textOf(task.config, "workflow", "");
  if (name.includes("/")) {
    reportWarning(fieldPlace(task, "workflow"), {
      message: `"${name}" is taken for "${name.split("/").at(-1)}"`,
      hint: "There is one organisation",
    });
  }
  return {
    entries: [[
      "run",
      made(pointer, [[
        "workflow",
        made(pointer, [
          ["namespace", copied(task.namespace, pointer)],
          [
            "name",
            copied(
              name.split("/").at(-1) ?? name,
              fieldPlace(task, "workflow").pointer,
            ),
          ],
          ["version", copied("latest", pointer)],
          field(task, "input"),
        ]),
      ]]),
    ]],
  };
}
