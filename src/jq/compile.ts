/**
 * Compiles trees to functions.
 *
 * @module
 */

import { add, negate } from "./arithmetic.ts";
import {
  type Argument,
  type Code,
  collect,
  combine,
  constant,
  type Env,
  GO,
  loosest,
  many,
  type One,
  type Paths,
  single,
} from "./code.ts";
import {
  compileIndex,
  compileIterate,
  compileSlice,
} from "./compile_access.ts";
import { compileAssignment } from "./compile_assign.ts";
import { compileCall } from "./compile_calls.ts";
import { compileBreak, compileIf, compileLabel } from "./compile_control.ts";
import { compileForeach, compileReduce } from "./compile_folds.ts";
import { compileObject } from "./compile_objects.ts";
import {
  compileAlternative,
  compileBinary,
  compileLogic,
} from "./compile_operators.ts";
import { compilePaths } from "./compile_paths.ts";
import { compileBind } from "./compile_patterns.ts";
import { compileTry } from "./compile_try.ts";
import { raise } from "./failure.ts";
import { formatAs } from "./formats.ts";
import { makeArray, makeGrown, meter } from "./fuel.ts";
import type { Json } from "./json.ts";
import { recurse } from "./recurse.ts";
import { depthOf, find, outward, type Scope, withDefinition } from "./scope.ts";
import type { Node, NodeOf } from "./tree.ts";
import { textOf } from "./write_json.ts";

/** Nodes that are compiled in the hope that functions give one value. */
const HOPEFUL_NODES_MAX = 20_000;

/** What compiling a program knows and notes. */
export class Compiler {
  /** Variables of the caller, by name: where their values are. */
  readonly globals: ReadonlyMap<string, number>;
  #nodes = 0;

  constructor(globals: ReadonlyMap<string, number>) {
    this.globals = globals;
  }

  /** Whether much was compiled already: no more than is needed is then. */
  get isLarge(): boolean {
    return this.#nodes > HOPEFUL_NODES_MAX;
  }

  /** Compiles a node; with `isTail`, its last call may be left to the caller. */
  compile(node: Node, scope: Scope | undefined, isTail = false): Code {
    this.#nodes += 1;
    return compileNode(this, node, { scope, isTail });
  }

  /** Compiles a node for the paths that it gives. */
  paths(node: Node, scope: Scope | undefined): Paths {
    return compilePaths(this, node, scope);
  }

  /** Compiles what a function is given. */
  argument(node: Node, scope: Scope | undefined): Argument {
    let paths: Paths | undefined;
    return {
      code: this.compile(node, scope),
      paths: () => paths ??= this.paths(node, scope),
    };
  }
}

/** The values of the variables of the caller. */
export const globals: { values: readonly (Json | undefined)[] } = {
  values: [],
};

/** Where a node is compiled. */
export interface Place {
  readonly scope: Scope | undefined;
  readonly isTail: boolean;
}

function compileNode(compiler: Compiler, node: Node, place: Place): Code {
  const { scope } = place;
  switch (node.kind) {
    case "identity":
      return single((_, input) => input);
    case "literal":
      return constant(node.value);
    case "location":
      return constant({ file: "<top-level>", line: node.line });
    case "variable":
      return compileVariable(compiler, node, scope);
    case "recurse":
      return many((_, input, emit) => recurse(input, emit));
    case "index":
      return compileIndex(compiler, node, scope);
    case "slice":
      return compileSlice(compiler, node, scope);
    case "iterate":
      return compileIterate(compiler, node, scope);
    case "text":
      return compileText(compiler, node, scope);
    case "format":
      return single((_, input) => {
        meter.at = node.start;
        return formatAs(node.name, input);
      });
    case "array":
      return compileArray(compiler, node, scope);
    case "object":
      return compileObject(compiler, node.entries, scope);
    case "negate": {
      const body = compiler.compile(node.body, scope);
      return combine([body], (_, [value = null]) => {
        meter.at = node.start;
        return negate(value);
      });
    }
    case "binary":
      return compileBinary(compiler, node, scope);
    case "and":
    case "or":
      return compileLogic(compiler, node, scope);
    case "alternative":
      return compileAlternative(compiler, node, scope);
    case "pipe":
      return compilePipe(compiler, node, place);
    case "comma":
      return compileComma(compiler, node, place);
    case "assign":
      return compileAssignment(compiler, node, scope);
    case "if":
      return compileIf(compiler, node, place);
    case "try":
      return compileTry(compiler, node, scope);
    case "reduce":
      return compileReduce(compiler, node, scope);
    case "foreach":
      return compileForeach(compiler, node, scope);
    case "bind":
      return compileBind(compiler, node, place);
    case "define":
      return compiler.compile(
        node.body,
        withDefinition(scope, node.definition),
        place.isTail,
      );
    case "call":
      return compileCall(compiler, node, place);
    case "label":
      return compileLabel(compiler, node, scope);
    case "break":
      return compileBreak(node.name, scope);
    case "missing":
      return single(() => raise("The program cannot be read"));
  }
}

function compileVariable(
  compiler: Compiler,
  { name, start }: NodeOf<"variable">,
  scope: Scope | undefined,
): Code {
  const found = find(
    scope,
    (it) => it.kind === "variable" && it.name === name,
  );
  if (found === undefined) {
    const at = compiler.globals.get(name) ?? -1;
    return single(() => {
      const value = globals.values[at];
      if (value !== undefined) return value;
      meter.at = start;
      return raise(`$${name} is not defined`);
    });
  }
  const distance = depthOf(scope) - found.depth;
  if (distance === 0) return single((env) => bound(env));
  if (distance === 1) return single((env) => bound(env?.parent));
  if (distance === 2) return single((env) => bound(env?.parent?.parent));
  return single((env) => bound(outward(env, distance)));
}

function bound(env: Env | undefined): Json {
  return env === undefined ? null : env.value;
}

function compileText(
  compiler: Compiler,
  { parts, format, start }: NodeOf<"text">,
  scope: Scope | undefined,
): Code {
  const codes = parts.filter((it) => typeof it !== "string")
    .map((it) => compiler.compile(it, scope));
  return combine(codes, (_, values) => {
    meter.at = start;
    let text = "";
    let at = 0;
    for (const part of parts) {
      if (typeof part === "string") text += part;
      else {
        const value = values[at++] ?? null;
        text += format === undefined ? textOf(value) : formatAs(format, value);
      }
    }
    return add("", text);
  });
}

function compileArray(
  compiler: Compiler,
  { body }: NodeOf<"array">,
  scope: Scope | undefined,
): Code {
  if (body === undefined) return constant([]);
  const items: Node[] = [];
  listItems(body, items);
  const codes = items.map((it) => compiler.compile(it, scope));
  if (codes.every(({ arity }) => arity !== "many")) {
    const ones = codes.map(({ one }) => one);
    const [only] = ones;
    if (only !== undefined && ones.length === 1) {
      return single((env, input) => {
        const value = only(env, input);
        makeArray(1);
        return value === undefined ? [] : [value];
      });
    }
    return single((env, input) => {
      const values: Json[] = [];
      for (const one of ones) {
        const value = one(env, input);
        if (value !== undefined) values.push(value);
      }
      makeGrown(values.length);
      return values;
    });
  }
  const code = compiler.compile(body, scope);
  return single((env, input) => collect(code, env, input));
}

/** The items of `[a, b, c]`. */
function listItems(node: Node, items: Node[]): void {
  if (node.kind !== "comma") {
    items.push(node);
    return;
  }
  listItems(node.left, items);
  items.push(node.right);
}

function compilePipe(
  compiler: Compiler,
  node: NodeOf<"pipe">,
  { scope, isTail }: Place,
): Code {
  const left = compiler.compile(node.left, scope);
  const right = compiler.compile(
    node.right,
    scope,
    isTail && left.arity !== "many",
  );
  if (left.arity === "many") {
    return many((env, input, emit) =>
      left.run(env, input, (value) => right.run(env, value, emit))
    );
  }
  const { one: first } = left;
  if (right.arity === "many") {
    return many((env, input, emit) => {
      const value = first(env, input);
      return value === undefined ? GO : right.run(env, value, emit);
    });
  }
  const { one: second } = right;
  if (left.known?.kind === "select") {
    const { test } = left.known;
    return single(
      (env, input) => test(env, input) ? second(env, input) : undefined,
      "maybe",
    );
  }
  const one: One = left.arity === "one"
    ? (env, input) => second(env, first(env, input) ?? null)
    : (env, input) => {
      const value = first(env, input);
      return value === undefined ? undefined : second(env, value);
    };
  return single(one, loosest(left, right));
}

function compileComma(
  compiler: Compiler,
  node: NodeOf<"comma">,
  { scope, isTail }: Place,
): Code {
  const left = compiler.compile(node.left, scope);
  const right = compiler.compile(node.right, scope, isTail);
  return many((env, input, emit) => {
    const signal = left.run(env, input, emit);
    return signal === GO ? right.run(env, input, emit) : signal;
  });
}
