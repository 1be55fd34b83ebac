/**
 * Finds out of a tree what its program will give, and what in it can never be
 * right: before it runs, and for all values that there may be.
 *
 * What it says is certain. Where it is not, it says nothing.
 *
 * @module
 */

import { type JqProblem, placeOf } from "./failure.ts";
import {
  either,
  FAILURE,
  type Flow,
  isFailure,
  joined,
  many,
  NOTHING,
  one,
  times,
} from "./flow.ts";
import { inferCall } from "./infer_calls.ts";
import { type Sides, sidesOf } from "./infer_conditions.ts";
import {
  inferAlternative,
  inferBinary,
  inferLogic,
  inferNegate,
} from "./infer_operators.ts";
import { inferIndex, inferIterate, inferSlice } from "./infer_paths.ts";
import { bindPatterns } from "./infer_patterns.ts";
import { inferFormat, inferObject, inferText } from "./infer_values.ts";
import type { Node, NodeOf } from "./tree.ts";
import {
  ANY,
  arrayOf,
  isAlwaysTrue,
  type JqType,
  KIND,
  kindsInSentence,
  NEVER,
  NULL,
  ofKinds,
  typeOf,
  union,
} from "./types.ts";

/** What is known before a program runs. */
export interface InferOptions {
  /** The text that the tree is of. */
  readonly source: string;
  /** What `.` is; absent means anything. */
  readonly input?: JqType;
  /** What variables are, without `$`; others are anything. */
  readonly variables?: ReadonlyMap<string, JqType>;
}

/** What is known of what a program gives. */
export interface Inferred extends Flow {
  /** What fails, is never reached or never there, in the order of the text. */
  readonly warnings: readonly JqProblem[];
}

/** What is known at one place. */
export interface Known {
  /** What `.` is. */
  readonly input: JqType;
  readonly variables: ReadonlyMap<string, JqType>;
  readonly functions: ReadonlyMap<string, Flow>;
  /** Whether a failure here is meant, forgiven, or perhaps not reached. */
  readonly isCaught: boolean;
}

/** Finds out what a tree gives. */
export function inferTree(tree: Node, options: InferOptions): Inferred {
  const inference = new Inference(options.source);
  const flow = inference.flow(tree, {
    input: options.input ?? ANY,
    variables: options.variables ?? new Map(),
    functions: new Map(),
    isCaught: false,
  });
  return { ...flow, warnings: inference.warnings() };
}

/** Hears of each name as it is come to, with what it is a member of. */
export type Watcher = (node: Node, known: Known, target?: JqType) => void;

/** What was found out of a node before. */
interface Found {
  readonly flow: Flow;
  /** Whether nothing was told of it then. */
  readonly isQuiet: boolean;
}

/** Goes through a tree. */
export class Inference {
  readonly #source: string;
  readonly #watch: Watcher | undefined;
  readonly #found = new Map<string, JqProblem>();
  readonly #flows = new WeakMap<Known, Map<Node, Found>>();
  readonly #sides = new WeakMap<Known, Map<Node, Sides>>();
  /** Set while what is found is not told: it is found elsewhere, or not meant. */
  #isQuiet = false;

  constructor(source: string, watch?: Watcher) {
    this.#source = source;
    this.#watch = watch;
  }

  /** Tells who watches of a node, and of what it is taken. */
  note(node: Node, known: Known, target?: JqType): void {
    this.#watch?.(node, known, target);
  }

  /** What was found, in the order of the text. */
  warnings(): readonly JqProblem[] {
    return [...this.#found.values()].toSorted((a, b) => a.offset - b.offset);
  }

  /** Notes what is odd. */
  warn(
    node: Pick<Node, "start" | "end">,
    message: string,
    hint?: string,
  ): void {
    if (this.#isQuiet) return;
    this.#found.set(`${node.start} ${message}`, {
      ...placeOf(this.#source, node.start),
      end: node.end,
      message,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  /** Notes that something fails whenever it is reached. */
  fail(node: Pick<Node, "start" | "end">, known: Known, why: string): Flow {
    if (!known.isCaught) this.warn(node, `This always fails: ${why}`);
    return FAILURE;
  }

  /** What a node gives, without a word about it. */
  quietly(node: Node, known: Known): Flow {
    const before = this.#isQuiet;
    this.#isQuiet = true;
    try {
      return this.flow(node, known);
    } finally {
      this.#isQuiet = before;
    }
  }

  /** What a node gives. */
  flow(node: Node, known: Known): Flow {
    // What is there for no value is not looked at.
    if (known.input.kinds === 0) return many(NEVER);
    // A condition is asked for what it gives and for what it says of others:
    // without this, those inside one another would take twice as long each.
    const flows = this.#flows.get(known) ?? new Map<Node, Found>();
    const before = flows.get(node);
    if (before !== undefined && (this.#isQuiet || !before.isQuiet)) {
      return before.flow;
    }
    const flow = this.#flowOf(node, known);
    flows.set(node, { flow, isQuiet: this.#isQuiet });
    this.#flows.set(known, flows);
    return flow;
  }

  /** What is known behind a condition. */
  sides(node: Node, known: Known): Sides {
    const all = this.#sides.get(known) ?? new Map<Node, Sides>();
    const sides = all.get(node) ?? sidesOf(this, node, known);
    all.set(node, sides);
    this.#sides.set(known, all);
    return sides;
  }

  #flowOf(node: Node, known: Known): Flow {
    switch (node.kind) {
      case "identity":
        return one(known.input);
      case "recurse":
        return { type: ANY, least: 1, most: 2, fails: false };
      case "literal":
        return one(typeOf(node.value));
      case "variable": {
        this.note(node, known);
        const type = known.variables.get(node.name);
        // What is bound to no value is never come to.
        if (type?.kinds === 0) return many(NEVER);
        return one(type ?? ANY, type === undefined);
      }
      case "location":
        return one(ofKinds(KIND.object));
      case "missing":
        return many(ANY);
      case "index":
        return inferIndex(this, node, known);
      case "slice":
        return inferSlice(this, node, known);
      case "iterate":
        return inferIterate(this, node, known);
      case "text":
        return inferText(this, node, known);
      case "format":
        return inferFormat(node);
      case "array": {
        if (node.body === undefined) return one(arrayOf(NEVER));
        const body = this.flow(node.body, known);
        return isFailure(body) ? FAILURE : one(arrayOf(body.type), body.fails);
      }
      case "object":
        return inferObject(this, node, known);
      case "negate":
        return inferNegate(this, node, known);
      case "binary":
        return inferBinary(this, node, known);
      case "and":
      case "or":
        return inferLogic(this, node, known);
      case "alternative":
        return inferAlternative(this, node, known);
      case "pipe":
        return this.#pipe(node, known);
      case "comma":
        return joined(
          this.flow(node.left, known),
          this.flow(node.right, known),
        );
      case "assign":
        this.quietly(node.left, { ...known, isCaught: true });
        this.flow(
          node.right,
          node.operator === "|=" ? { ...known, input: ANY } : known,
        );
        return many(ANY);
      case "if":
        return this.#branches(node, 0, known);
      case "try":
        return this.#attempt(node, known);
      case "reduce":
      case "foreach":
        return this.#fold(node, known);
      case "bind": {
        const source = this.flow(node.source, known);
        if (source.type.kinds === 0) return source;
        const inner = bindPatterns(this, node.patterns, {
          known,
          value: source.type,
        });
        const body = this.flow(node.body, inner);
        const isSure = node.patterns.length === 1 &&
          node.patterns[0]?.kind === "variable";
        const given = times(source, body);
        return isSure ? given : { ...given, least: 0, most: 2, fails: true };
      }
      case "define":
        return this.#define(node, known);
      case "call":
        return inferCall(this, node, known);
      case "label": {
        const body = this.flow(node.body, { ...known, isCaught: true });
        return { ...body, least: 0, most: 2, fails: true };
      }
      case "break":
        return { ...NOTHING, fails: true };
    }
  }

  #pipe(node: NodeOf<"pipe">, known: Known): Flow {
    const left = this.flow(node.left, known);
    if (left.type.kinds === 0) return left;
    const right = this.flow(node.right, { ...known, input: left.type });
    return times(left, right);
  }

  #branches(node: NodeOf<"if">, at: number, known: Known): Flow {
    const branch = node.branches[at];
    if (branch === undefined) {
      return node.otherwise === undefined
        ? one(known.input)
        : this.flow(node.otherwise, known);
    }
    const condition = this.flow(branch.condition, known);
    const { holds, holdsNot } = this.sides(branch.condition, known);
    const then = holds
      ? this.flow(branch.then, holds)
      : this.#unseen(() => this.flow(branch.then, known));
    const otherwise = holdsNot
      ? this.#branches(node, at + 1, holdsNot)
      : this.#unseen(() => this.#branches(node, at + 1, known));
    if (condition.type.kinds === 0) return condition;
    this.#decides(branch.condition, condition);
    const given = then && otherwise
      ? either(then, otherwise)
      : then ?? otherwise ?? many(NEVER);
    return times(condition, given);
  }

  /** Who watches sees what is there for no value, too: it is being written. */
  #unseen(look: () => Flow): undefined {
    if (this.#watch === undefined) return;
    const before = this.#isQuiet;
    this.#isQuiet = true;
    look();
    this.#isQuiet = before;
  }

  #decides(node: Node, { type, least, fails }: Flow): void {
    // What is written as a constant is meant to be one.
    if (node.kind === "call" && node.arguments.length === 0) return;
    if (least === 0 || fails) return;
    const words = kindsInSentence(type);
    if (isAlwaysTrue(type) && type.kinds !== KIND.true) {
      this.warn(
        node,
        `This condition always holds: it is ${words}, and only null and ` +
          "false do not count as true",
      );
    } else if (type.kinds === KIND.null) {
      this.warn(node, "This condition never holds: it is null");
    }
  }

  #attempt(node: NodeOf<"try">, known: Known): Flow {
    const body = this.flow(node.body, { ...known, isCaught: true });
    const handler = node.handler === undefined
      ? NOTHING
      : this.flow(node.handler, { ...known, input: ANY });
    if (!body.fails) return body;
    return {
      type: union(body.type, handler.type),
      least: 0,
      most: Math.min(2, body.most + handler.most),
      fails: handler.fails,
    };
  }

  #fold(node: NodeOf<"reduce"> | NodeOf<"foreach">, known: Known): Flow {
    const source = this.flow(node.source, known);
    const initial = this.flow(node.initial, known);
    // Without a value there is no round, and what is in one is not looked at.
    if (source.type.kinds === 0) {
      return node.kind === "foreach" || isFailure(source) ? source : {
        ...initial,
        fails: true,
        least: 0,
      };
    }
    const bound = bindPatterns(this, node.patterns, {
      known,
      value: source.type,
    });
    const update = this.flow(node.update, { ...bound, input: ANY });
    if (node.kind === "foreach") {
      const given = node.extract === undefined
        ? update
        : this.flow(node.extract, { ...bound, input: ANY });
      return many(given.type);
    }
    return {
      type: union(union(initial.type, update.type), NULL),
      least: 0,
      most: 2,
      fails: true,
    };
  }

  #define(node: NodeOf<"define">, known: Known): Flow {
    const { name, parameters, body } = node.definition;
    const key = `${name}/${parameters.length}`;
    const functions = new Map(known.functions);
    const variables = new Map(known.variables);
    // What calls itself, and what it is given, may be anything.
    functions.set(key, many(ANY));
    for (const { name, isValue } of parameters) {
      functions.set(`${name}/0`, many(ANY));
      if (isValue) variables.set(name, ANY);
    }
    const flow = this.flow(body, {
      input: ANY,
      variables,
      functions,
      isCaught: known.isCaught,
    });
    const outer = new Map(known.functions);
    outer.set(key, many(flow.type));
    return this.flow(node.body, { ...known, functions: outer });
  }
}
