/**
 * What is known of what expressions see, by where they stand: what the input of
 * the workflow and of tasks is, as their schemas say.
 *
 * @module
 */

import type { KnownTypes } from "../expr/compile.ts";
import type { Expression, Template } from "../expr/expression.ts";
import {
  ANY,
  findOdd,
  isAlwaysTrue,
  isAssignment,
  isNeverTrue,
  type JqType,
  KIND,
  kindsInSentence,
  NULL,
  objectOf,
  restrict,
  typeOfExpression,
  typeOfSchema,
  union,
} from "../expr/types.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import type { Context, Place, TaskPlace } from "./context.ts";
import { reportWarning } from "./fields.ts";
import type { GraphInput } from "./tree.ts";
import type { TypeReader, Wanted } from "./type_reader.ts";

/** What is known at one place of a definition. */
export interface ExpressionTypes {
  readonly variables: ReadonlyMap<string, JqType>;
  /** What tasks are given, by their pointers, where that is known. */
  readonly given: ReadonlyMap<string, JqType>;
  /** The flow whose schema and expressions are read: `/input`. */
  readonly flow?: { readonly pointer: string; readonly type: JqType };
  /** The task whose fields are read. */
  readonly task?: {
    readonly pointer: string;
    /** Before its schema is asked, after it, and after `input.from`. */
    readonly raw: JqType | undefined;
    readonly checked: JqType | undefined;
    readonly input: JqType | undefined;
  };
}

/** Where `.` is what a task was given. */
const RAW = /^\/if$/;
/** Where it is that, and fits the schema. */
const CHECKED = /^\/(?:input\/from|inputs)(?:\/|$)/;
/** Where it is the input of the task. */
const BODY =
  /^\/(?:set|run|for\/in|wait|switch|raise|emit|with(?!\/subscription))(?:\/|$)/;

/** What is known where an expression stands. */
function typesAt({ context, pointer }: Place): KnownTypes | undefined {
  const { types } = context;
  if (types === undefined) return undefined;
  const input = inputAt(types, pointer);
  const known = new Map(types.variables);
  const { task } = types;
  const isInBody = task?.input !== undefined &&
    isWithin(pointer, task.pointer) &&
    BODY.test(pointer.slice(task.pointer.length));
  if (isInBody && task.input !== undefined) known.set("input", task.input);
  return {
    variables: known,
    findOdd,
    ...(input === undefined ? {} : { input }),
  };
}

function inputAt(
  { flow, task }: ExpressionTypes,
  pointer: string,
): JqType | undefined {
  if (flow !== undefined && isWithin(pointer, `${flow.pointer}/from`)) {
    return flow.type;
  }
  if (task === undefined || !isWithin(pointer, task.pointer)) return undefined;
  const path = pointer.slice(task.pointer.length);
  if (RAW.test(path)) return task.raw;
  if (CHECKED.test(path)) return task.checked;
  return BODY.test(path) ? task.input : undefined;
}

function isWithin(pointer: string, outer: string): boolean {
  return pointer === outer || pointer.startsWith(`${outer}/`);
}

/** What is known in a workflow of the specification. */
function documentTypes(spec: JsonObject): ExpressionTypes {
  const input = member(spec, "input");
  const type = schemaOf(input);
  const first = firstTask(spec);
  const isPassed = isJsonObject(input) && member(input, "from") === undefined;
  return {
    variables: new Map([["workflow", workflowType("input", type ?? ANY)]]),
    given: type === undefined || !isPassed || first === undefined
      ? new Map()
      : new Map([[first, type]]),
    ...(type === undefined ? {} : { flow: { pointer: "/input", type } }),
  };
}

/** What is known in a graph: its inputs, each of which is there. */
function graphTypes(
  inputs: Readonly<Record<string, GraphInput>>,
  tasks: readonly { readonly index: number }[],
): ExpressionTypes {
  const fields = Object.entries(inputs).map(([name, input]) => {
    const declared = input.type === "any"
      ? ANY
      : typeOfSchema({ type: input.type });
    const isThere = input.required || (input.default ?? null) !== null;
    const type = isThere ? declared : union(declared, NULL);
    return [name, { type, isRequired: true }] as const;
  });
  const type = objectOf(new Map(fields), restrict(ANY, 0));
  return {
    variables: new Map([["workflow", workflowType("inputs", type)]]),
    given: new Map(tasks.map(({ index }) => [`/tasks/${index}`, type])),
  };
}

function workflowType(key: string, type: JqType): JqType {
  return objectOf(new Map([[key, { type, isRequired: true }]]));
}

/** The type that a flow gives by a schema that stands in it. */
function schemaOf(flow: Json | undefined): JqType | undefined {
  const schema = isJsonObject(flow) ? member(flow, "schema") : undefined;
  const document = isJsonObject(schema)
    ? member(schema, "document")
    : undefined;
  return isJsonObject(document) ? typeOfSchema(document) : undefined;
}

/** The pointer of the first task, where nothing leads back to it. */
function firstTask(spec: JsonObject): string | undefined {
  const list = member(spec, "do");
  const [first] = isJsonArray(list) ? list : [];
  const [name] = isJsonObject(first) ? Object.keys(first) : [];
  if (name === undefined || leadsTo(list ?? null, name)) return undefined;
  const key = name.replaceAll("~", "~0").replaceAll("/", "~1");
  return `/do/0/${key}`;
}

function leadsTo(value: Json, name: string): boolean {
  if (isJsonArray(value)) return value.some((it) => leadsTo(it, name));
  if (!isJsonObject(value)) return false;
  return member(value, "then") === name ||
    Object.values(value).some((it) => leadsTo(it, name));
}

/** The context in which the fields of a task are read. */
function withTaskTypes(
  { context, object, pointer }: TaskPlace,
): Context {
  const { types } = context;
  if (types === undefined || types.task?.pointer === pointer) return context;
  const flow = member(object, "input");
  const raw = types.given.get(pointer);
  const checked = schemaOf(flow) ?? raw;
  const isMade = (isJsonObject(flow) && member(flow, "from") !== undefined) ||
    member(object, "inputs") !== undefined;
  const task = { pointer, raw, checked, input: isMade ? undefined : checked };
  return { ...context, types: { ...types, task } };
}

/** Warns of a condition that can only hold, or never can. */
function checkDecides(expression: Expression, place: Place): void {
  const types = typesAt(place);
  if (types === undefined || expression.literal !== undefined) return;
  if (isAssignment(expression)) {
    reportWarning({ ...place, pointer: expression.pointer }, {
      message: 'This assigns, and compares nothing: "=" gives all that it is ' +
        "applied to, with the part set",
      hint: 'Write "==" to compare',
    });
    return;
  }
  const given = typeOfExpression(expression, types);
  if (given.least === 0 || given.fails || given.warnings.length > 0) return;
  const words = kindsInSentence(given.type);
  // A number that is computed may be none, which is null outside of jq.
  const isSure = (given.type.kinds & KIND.number) === 0 ||
    expression.path !== undefined;
  if (isAlwaysTrue(given.type) && isSure) {
    reportWarning({ ...place, pointer: expression.pointer }, {
      message: `This always holds: it is ${words}, and only null and false ` +
        "do not count as true",
      hint: "Compare it with something",
    });
  } else if (isNeverTrue(given.type)) {
    reportWarning({ ...place, pointer: expression.pointer }, {
      message: `This never holds: it is ${words}`,
    });
  }
}

/** What each place takes. */
const WANTS: Readonly<
  Record<Wanted, { readonly kinds: number; readonly words: string }>
> = {
  // Null is an empty one.
  list: { kinds: KIND.array | KIND.null, words: "an array" },
  duration: {
    kinds: KIND.string | KIND.object,
    words: 'a duration, as "PT5S" or {seconds: 5}',
  },
  number: { kinds: KIND.number, words: "a number" },
};

/** Warns of an expression that cannot give what its place takes. */
function checkWanted(
  template: Template | undefined,
  place: Place,
  wanted: Wanted,
): void {
  const types = typesAt(place);
  if (template?.kind !== "expression" || types === undefined) return;
  const { expression } = template;
  const given = typeOfExpression(expression, types);
  if (given.warnings.length > 0 || given.least === 0) return;
  const { kinds, words } = WANTS[wanted];
  if (given.type.kinds === 0 || (given.type.kinds & kinds) !== 0) return;
  reportWarning({ ...place, pointer: expression.pointer }, {
    message: `This must be ${words}, and it is ` +
      kindsInSentence(given.type),
  });
}

/** Reads types out of the schemas that stand in a definition. */
export const EXPRESSION_TYPES: TypeReader = {
  document: documentTypes,
  graph: graphTypes,
  task: withTaskTypes,
  at: typesAt,
  checkDecides,
  checkWanted,
};
