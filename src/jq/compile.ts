/**
 * Compiles trees to functions.
 *
 * @module
 */

import {
  add,
  divide,
  modulo,
  multiply,
  negate,
  subtract,
} from "./arithmetic.ts";
import {
  type Argument,
  Break,
  type Code,
  collect,
  combine,
  constant,
  type Emit,
  Env,
  finish,
  finishRun,
  GO,
  Label,
  loosest,
  many,
  type One,
  type Paths,
  type Run,
  type Signal,
  single,
} from "./code.ts";
import { compileAssignment } from "./compile_assign.ts";
import { compileCall } from "./compile_calls.ts";
import { compileForeach, compileReduce } from "./compile_folds.ts";
import { compileObject } from "./compile_objects.ts";
import { compilePaths } from "./compile_paths.ts";
import { compileBind } from "./compile_patterns.ts";
import { compileTry } from "./compile_try.ts";
import { raise, Raised } from "./failure.ts";
import { formatAs } from "./formats.ts";
import { makeCells, meter, step } from "./fuel.ts";
import { index, slice, valuesOf } from "./indexing.ts";
import { isArray, isObject, isTrue, type Json } from "./json.ts";
import { compare, equals } from "./order.ts";
import { depthOf, find, outward, type Scope, within } from "./scope.ts";
import type { Definition, Node, Operator } from "./tree.ts";
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

/** The scope in which a function is known, also to itself. */
export function withDefinition(
  scope: Scope | undefined,
  definition: Definition,
): Scope {
  return within(scope, {
    kind: "function",
    definition,
    scope,
    variants: new Map(),
    paths: {},
  });
}

type Of<Kind extends Node["kind"]> = Kind extends Kind
  ? Extract<Node, { kind: Kind }>
  : never;

function compileVariable(
  compiler: Compiler,
  { name, start }: Of<"variable">,
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

/** Gives a value and all that is in it. */
export function recurse(value: Json, emit: Emit): Signal {
  step();
  const signal = emit(value);
  if (signal !== GO || typeof value !== "object" || value === null) {
    return signal;
  }
  for (const item of valuesOf(value)) {
    const next = recurse(item, emit);
    if (next !== GO) return next;
  }
  return GO;
}

function compileIndex(
  compiler: Compiler,
  node: Of<"index">,
  scope: Scope | undefined,
): Code {
  const target = compiler.compile(node.target, scope);
  const { key, start } = node;
  const isOptional = node.isOptional === true;
  if (key.kind === "literal" && typeof key.value === "string") {
    const must = memberTaker(key.value, start);
    const take = isOptional ? unlessRaised(must) : must;
    const arity = isOptional && target.arity === "one" ? "maybe" : target.arity;
    if (node.target.kind === "identity") {
      return single((_, it) => take(it), arity);
    }
    if (target.arity === "many") {
      return many((env, input, emit) =>
        target.run(env, input, (value) => given(take(value), emit))
      );
    }
    const { one } = target;
    return single((env, input) => {
      const value = one(env, input);
      return value === undefined ? undefined : take(value);
    }, arity);
  }
  const keys = compiler.compile(key, scope);
  const must = (value: Json, by: Json): Json => {
    meter.at = start;
    return index(value, by);
  };
  const take = isOptional ? unlessRaised(must) : must;
  if (target.arity === "many" || keys.arity === "many") {
    // The keys change last.
    return many((env, input, emit) =>
      keys.run(
        env,
        input,
        (by) => target.run(env, input, (value) => given(take(value, by), emit)),
      )
    );
  }
  const arity = isOptional ? "maybe" : loosest(target, keys);
  return single((env, input) => {
    const by = keys.one(env, input);
    if (by === undefined) return undefined;
    const value = target.one(env, input);
    return value === undefined ? undefined : take(value, by);
  }, arity);
}

function given(value: Json | undefined, emit: Emit): Signal {
  return value === undefined ? GO : emit(value);
}

/** The same, with nothing where it raises. */
export function unlessRaised<Given extends readonly unknown[], Made>(
  take: (...given: Given) => Made,
): (...given: Given) => Made | undefined {
  return (...given) => {
    try {
      return take(...given);
    } catch (thrown) {
      if (thrown instanceof Raised) return undefined;
      throw thrown;
    }
  };
}

/** Takes the member of one name, fast where nothing is inherited by it. */
function memberTaker(key: string, start: number): (value: Json) => Json {
  const isInherited = key in Object.prototype;
  return (value) => {
    if (value === null) return null;
    if (!isInherited && isObject(value)) return value[key] ?? null;
    meter.at = start;
    return index(value, key);
  };
}

function compileSlice(
  compiler: Compiler,
  node: Of<"slice">,
  scope: Scope | undefined,
): Code {
  const nothing: Node = { ...node, kind: "literal", value: null };
  const target = compiler.compile(node.target, scope);
  const from = compiler.compile(node.from ?? nothing, scope);
  const to = compiler.compile(node.to ?? nothing, scope);
  const parts = combine([target, to, from], (_, values) => values);
  const must = (values: Json): Json => {
    const [value = null, end = null, start = null] = isArray(values)
      ? values
      : [];
    meter.at = node.start;
    return slice(value, start, end);
  };
  const take = node.isOptional === true ? unlessRaised(must) : must;
  if (parts.arity === "many") {
    return many((env, input, emit) =>
      parts.run(env, input, (values) => given(take(values), emit))
    );
  }
  return single((env, input) => {
    const values = parts.one(env, input);
    return values === undefined ? undefined : take(values);
  }, node.isOptional === true ? "maybe" : parts.arity);
}

function compileIterate(
  compiler: Compiler,
  { target: from, start, isOptional }: Of<"iterate">,
  scope: Scope | undefined,
): Code {
  const each = (value: Json, emit: Emit): Signal => {
    meter.at = start;
    if (isOptional === true && !isContainer(value)) return GO;
    for (const item of valuesOf(value)) {
      step();
      const signal = emit(item);
      if (signal !== GO) return signal;
    }
    return GO;
  };
  if (from.kind === "identity") {
    return many((_, input, emit) => each(input, emit));
  }
  const target = compiler.compile(from, scope);
  return many((env, input, emit) =>
    target.run(env, input, (value) => each(value, emit))
  );
}

function isContainer(value: Json): boolean {
  return typeof value === "object" && value !== null;
}

function compileText(
  compiler: Compiler,
  { parts, format, start }: Of<"text">,
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
  { body }: Of<"array">,
  scope: Scope | undefined,
): Code {
  if (body === undefined) return constant([]);
  const items: Node[] = [];
  listItems(body, items);
  const codes = items.map((it) => compiler.compile(it, scope));
  if (codes.every(({ arity }) => arity !== "many")) {
    const ones = codes.map(({ one }) => one);
    return single((env, input) => {
      const values: Json[] = [];
      for (const one of ones) {
        const value = one(env, input);
        if (value !== undefined) values.push(value);
      }
      makeCells(values.length + 1);
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

const COMPUTE: Readonly<Record<Operator, (a: Json, b: Json) => Json>> = {
  "+": add,
  "-": subtract,
  "*": multiply,
  "/": divide,
  "%": modulo,
  "==": (a, b) => equals(a, b),
  "!=": (a, b) => !equals(a, b),
  "<": (a, b) => compare(a, b) < 0,
  "<=": (a, b) => compare(a, b) <= 0,
  ">": (a, b) => compare(a, b) > 0,
  ">=": (a, b) => compare(a, b) >= 0,
};

/** The same for numbers, but for those that are none. */
const NUMERIC: Partial<
  Readonly<Record<Operator, (a: number, b: number) => Json | undefined>>
> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => Number.isNaN(a) ? undefined : a < b,
  "<=": (a, b) => Number.isNaN(a) ? undefined : a <= b,
  ">": (a, b) => Number.isNaN(b) ? undefined : a > b,
  ">=": (a, b) => Number.isNaN(b) ? undefined : a >= b,
};

/** What an operator does with two values. */
export function operatorOf(operator: Operator): (a: Json, b: Json) => Json {
  return COMPUTE[operator];
}

function compileBinary(
  compiler: Compiler,
  node: Of<"binary">,
  scope: Scope | undefined,
): Code {
  const left = compiler.compile(node.left, scope);
  const right = compiler.compile(node.right, scope);
  const compute = COMPUTE[node.operator];
  const { start } = node;
  if (left.arity === "one" && right.arity === "one") {
    const { one: first } = left;
    const { one: second } = right;
    const withNumbers = NUMERIC[node.operator];
    return single((env, input) => {
      const b = second(env, input) ?? null;
      const a = first(env, input) ?? null;
      if (typeof a === "number" && typeof b === "number") {
        const value = withNumbers?.(a, b);
        if (value !== undefined) return value;
      }
      meter.at = start;
      return compute(a, b);
    });
  }
  return combine([left, right], (_, [a = null, b = null]) => {
    meter.at = start;
    return compute(a, b);
  });
}

function compileLogic(
  compiler: Compiler,
  node: Of<"and" | "or">,
  scope: Scope | undefined,
): Code {
  const left = compiler.compile(node.left, scope);
  const right = compiler.compile(node.right, scope);
  const decided = node.kind === "or";
  const arity = loosest(left, right);
  if (arity === "many") {
    return many((env, input, emit) =>
      left.run(env, input, (a) => {
        if (isTrue(a) === decided) return emit(decided);
        return right.run(env, input, (b) => emit(isTrue(b)));
      })
    );
  }
  return single((env, input) => {
    const a = left.one(env, input);
    if (a === undefined) return undefined;
    if (isTrue(a) === decided) return decided;
    const b = right.one(env, input);
    return b === undefined ? undefined : isTrue(b);
  }, arity);
}

function compileAlternative(
  compiler: Compiler,
  node: Of<"alternative">,
  scope: Scope | undefined,
): Code {
  const left = compiler.compile(node.left, scope);
  const right = compiler.compile(node.right, scope);
  if (left.arity !== "many" && right.arity !== "many") {
    return single((env, input) => {
      const value = left.one(env, input);
      if (value !== undefined && isTrue(value)) return value;
      return right.one(env, input);
    }, right.arity);
  }
  return many((env, input, emit) => {
    let isFound = false;
    const signal = left.run(env, input, (value) => {
      if (!isTrue(value)) return GO;
      isFound = true;
      return emit(value);
    });
    return isFound || signal !== GO ? signal : right.run(env, input, emit);
  });
}

function compilePipe(
  compiler: Compiler,
  node: Of<"pipe">,
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
  node: Of<"comma">,
  { scope, isTail }: Place,
): Code {
  const left = compiler.compile(node.left, scope);
  const right = compiler.compile(node.right, scope, isTail);
  return many((env, input, emit) => {
    const signal = left.run(env, input, emit);
    return signal === GO ? right.run(env, input, emit) : signal;
  });
}

function compileIf(
  compiler: Compiler,
  { branches, otherwise, ...node }: Of<"if">,
  { scope, isTail }: Place,
): Code {
  let code = compiler.compile(
    otherwise ?? { ...node, kind: "identity" },
    scope,
    isTail,
  );
  for (const branch of branches.toReversed()) {
    const condition = compiler.compile(branch.condition, scope);
    const then = compiler.compile(
      branch.then,
      scope,
      isTail && condition.arity !== "many",
    );
    code = choice(
      condition,
      then,
      condition.arity === "many" ? settled(code, isTail) : code,
    );
  }
  return code;
}

/** Code that leaves no call to others. */
function settled(code: Code, isTail: boolean): Code {
  if (!isTail) return code;
  if (code.arity !== "many") {
    return single((env, input) => finish(code.one(env, input)), code.arity);
  }
  return many((env, input, emit) => finishRun(code.run(env, input, emit)));
}

function choice(condition: Code, then: Code, otherwise: Code): Code {
  const arity = loosest(condition, then, otherwise);
  const { one: decide } = condition;
  if (condition.arity === "many") {
    return many((env, input, emit) =>
      condition.run(
        env,
        input,
        (value) =>
          isTrue(value)
            ? then.run(env, input, emit)
            : otherwise.run(env, input, emit),
      )
    );
  }
  if (arity === "many") {
    return many((env, input, emit) => {
      const value = decide(env, input);
      if (value === undefined) return GO;
      return isTrue(value)
        ? then.run(env, input, emit)
        : otherwise.run(env, input, emit);
    });
  }
  const { one: yes } = then;
  const { one: no } = otherwise;
  return single((env, input) => {
    const value = decide(env, input);
    if (value === undefined) return undefined;
    return isTrue(value) ? yes(env, input) : no(env, input);
  }, arity);
}

function compileLabel(
  compiler: Compiler,
  node: Of<"label">,
  scope: Scope | undefined,
): Code {
  const { name } = node;
  const inner = within(scope, { kind: "label", name });
  const body = compiler.compile(node.body, inner);
  if (body.arity !== "many") {
    return single((env, input) => {
      const label = new Label();
      const { depth } = meter;
      try {
        return body.one(new Env(null, env, label), input);
      } catch (thrown) {
        if (thrown instanceof Break && thrown.label === label) {
          meter.depth = depth;
          return undefined;
        }
        throw thrown;
      }
    }, "maybe");
  }
  const run: Run = (env, input, emit) => {
    const label = new Label();
    const { depth } = meter;
    try {
      return body.run(new Env(null, env, label), input, emit);
    } catch (thrown) {
      if (!(thrown instanceof Break) || thrown.label !== label) throw thrown;
      meter.depth = depth;
      return GO;
    }
  };
  return many(run);
}

function compileBreak(name: string, scope: Scope | undefined): Code {
  const found = find(scope, (it) => it.kind === "label" && it.name === name);
  const distance = depthOf(scope) - depthOf(found);
  return single((env) => {
    const label = outward(env, distance)?.other;
    if (label instanceof Label) throw new Break(label);
    return raise("break");
  }, "maybe");
}
