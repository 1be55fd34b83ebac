/**
 * Checks a tree before it runs: names, numbers of arguments, labels, formats.
 *
 * @module
 */

import { listBuiltins } from "./builtins.ts";
import { type JqProblem, placeOf } from "./failure.ts";
import { foreignFunction } from "./foreign.ts";
import { FORMATS } from "./formats.ts";
import { nearestName } from "./nearest.ts";
import { REFUSED_FUNCTIONS, REFUSED_VARIABLES } from "./refused.ts";
import type { Node, Pattern } from "./tree.ts";

/** What a check found. */
export interface Checked {
  /** What is wrong, in the order of the text. */
  readonly problems: readonly JqProblem[];
  /** The variables that it takes from its caller, without `$`. */
  readonly variables: readonly string[];
}

/** What a tree is checked against. */
export interface CheckOptions {
  /** The text that the tree is of. */
  readonly source: string;
  /** The variables that there will be, without `$`; absent means any. */
  readonly variables?: ReadonlySet<string>;
  /**
   * Whether the program stands inside of something else, so that its lines are
   * not those of a file: then `$__loc__` is refused.
   */
  readonly isInside?: boolean;
}

/** Names in effect at one point of a program. */
interface Names {
  readonly functions: ReadonlySet<string>;
  readonly variables: ReadonlySet<string>;
  readonly labels: ReadonlySet<string>;
}

const CONSTANTS: readonly string[] = ["null", "true", "false"];
const NONE: ReadonlySet<string> = new Set();
let builtins: ReadonlySet<string> | undefined;

/** All functions that there are, as `name/count`. */
export function knownFunctions(): ReadonlySet<string> {
  return builtins ??= new Set([
    ...listBuiltins(),
    "builtins/0",
    "_strindices/1",
  ]);
}

/** Checks a tree. */
export function checkTree(tree: Node, options: CheckOptions): Checked {
  const checker = new Checker(options);
  checker.node(tree, { functions: NONE, variables: NONE, labels: NONE });
  const inOrder = (a: JqProblem, b: JqProblem) => a.offset - b.offset;
  return {
    problems: checker.problems.toSorted(inOrder),
    variables: [...checker.free],
  };
}

class Checker {
  readonly problems: JqProblem[] = [];
  readonly free = new Set<string>();
  readonly #options: CheckOptions;

  constructor(options: CheckOptions) {
    this.#options = options;
  }

  #problem(node: Pick<Node, "start" | "end">, message: string, hint?: string) {
    return {
      ...placeOf(this.#options.source, node.start),
      end: node.end,
      message,
      ...(hint === undefined ? {} : { hint }),
    };
  }

  #fail(node: Pick<Node, "start" | "end">, message: string, hint?: string) {
    this.problems.push(this.#problem(node, message, hint));
  }

  node(node: Node, names: Names): void {
    switch (node.kind) {
      case "identity":
      case "recurse":
      case "literal":
      case "missing":
        return;
      case "location":
        return this.#location(node);
      case "variable":
        return this.#variable(node, names);
      case "index":
        this.node(node.target, names);
        return this.node(node.key, names);
      case "slice":
        this.node(node.target, names);
        if (node.from !== undefined) this.node(node.from, names);
        if (node.to !== undefined) this.node(node.to, names);
        return;
      case "iterate":
        return this.node(node.target, names);
      case "text":
        if (node.format !== undefined) this.#format(node, node.format);
        for (const part of node.parts) {
          if (typeof part !== "string") this.node(part, names);
        }
        return;
      case "format":
        return this.#format(node, node.name);
      case "array":
        return node.body === undefined
          ? undefined
          : this.node(node.body, names);
      case "negate":
        return this.node(node.body, names);
      case "object":
        for (const { key, value } of node.entries) {
          this.#key(key);
          this.node(key, names);
          if (value.kind === "index" && value.key === key) continue;
          this.node(value, names);
        }
        return;
      case "alternative":
      case "binary":
      case "and":
      case "or":
      case "pipe":
      case "comma":
      case "assign":
        this.node(node.left, names);
        return this.node(node.right, names);
      case "if":
        for (const { condition, then } of node.branches) {
          this.node(condition, names);
          this.node(then, names);
        }
        if (node.otherwise !== undefined) this.node(node.otherwise, names);
        return;
      case "try":
        this.node(node.body, names);
        if (node.handler !== undefined) this.node(node.handler, names);
        return;
      case "reduce":
      case "foreach": {
        this.node(node.source, names);
        const inner = this.#patterns(node.patterns, names);
        this.node(node.initial, names);
        this.node(node.update, inner);
        if (node.kind === "foreach" && node.extract !== undefined) {
          this.node(node.extract, inner);
        }
        return;
      }
      case "bind":
        this.node(node.source, names);
        return this.node(node.body, this.#patterns(node.patterns, names));
      case "define":
        return this.node(node.body, this.#definition(node, names));
      case "call":
        for (const given of node.arguments) this.node(given, names);
        return this.#call(node, names);
      case "label":
        return this.node(node.body, {
          ...names,
          labels: new Set([...names.labels, node.name]),
        });
      case "break":
        if (names.labels.has(node.name)) return;
        return this.#fail(
          { start: node.start + BREAK_LENGTH, end: node.end },
          `There is no "label $${node.name}" around "break $${node.name}"`,
        );
    }
  }

  #definition(
    { definition }: Extract<Node, { kind: "define" }>,
    names: Names,
  ): Names {
    const { name, parameters, body } = definition;
    const functions = new Set([
      ...names.functions,
      `${name}/${parameters.length}`,
    ]);
    const values = parameters.filter(({ isValue }) => isValue);
    this.node(body, {
      ...names,
      variables: new Set([
        ...names.variables,
        ...values.map((it) => it.name),
      ]),
      functions: new Set([
        ...functions,
        ...parameters.map((it) => `${it.name}/0`),
      ]),
    });
    return { ...names, functions };
  }

  /** The names behind some patterns; their keys see what is bound before. */
  #patterns(patterns: readonly Pattern[], names: Names): Names {
    const bound = new Set(names.variables);
    const read = (pattern: Pattern): void => {
      switch (pattern.kind) {
        case "variable":
          bound.add(pattern.name);
          return;
        case "array":
          return pattern.items.forEach(read);
        case "object":
          for (const { key, variable, value } of pattern.entries) {
            this.#key(key);
            this.node(key, { ...names, variables: new Set(bound) });
            if (variable !== undefined) bound.add(variable);
            if (value !== undefined) read(value);
          }
      }
    };
    patterns.forEach(read);
    return { ...names, variables: bound };
  }

  #key(key: Node): void {
    if (key.kind === "call" && CONSTANTS.includes(key.name)) {
      const type = key.name === "null" ? "null" : "boolean";
      this.#fail(key, `Cannot use ${type} (${key.name}) as object key`);
    }
    if (key.kind !== "literal" || typeof key.value === "string") return;
    this.#fail(key, `Cannot use number (${key.value}) as object key`);
  }

  #format(node: Node, name: string): void {
    if (FORMATS.has(name)) return;
    const near = nearestName(name, FORMATS);
    this.#fail(
      node,
      `Unknown format "@${name}"`,
      near === undefined ? undefined : `Did you mean "${near}"?`,
    );
  }

  #location(node: Node): void {
    if (this.#options.isInside !== true) return;
    this.#fail(node, `"$__loc__" is not allowed here: ${LOCATION_REFUSED}`);
  }

  #variable(
    node: Extract<Node, { kind: "variable" }>,
    { variables }: Names,
  ): void {
    const { name } = node;
    const known = this.#options.variables;
    if (variables.has(name)) return;
    if (Object.hasOwn(REFUSED_VARIABLES, name)) {
      const why = REFUSED_VARIABLES[name];
      return this.#fail(
        node,
        `"$${name}" is not allowed here: ${why}`,
        this.#variableMeant(name, node.end),
      );
    }
    if (known !== undefined && !known.has(name)) {
      const every = [...known, ...variables].map((it) => `$${it}`);
      const near = nearestName(`$${name}`, every);
      return this.#fail(
        node,
        `Unknown variable "$${name}"`,
        near === undefined ? undefined : `Did you mean "${near}"?`,
      );
    }
    this.free.add(name);
  }

  #call(node: Extract<Node, { kind: "call" }>, { functions }: Names): void {
    const { name } = node;
    const count = node.arguments.length;
    const at = { start: node.start, end: node.start + name.length };
    if (functions.has(`${name}/${count}`)) return;
    if (knownFunctions().has(`${name}/${count}`)) return;
    if (Object.hasOwn(REFUSED_FUNCTIONS, name)) {
      const why = REFUSED_FUNCTIONS[name];
      return this.#fail(
        at,
        `"${name}" is not allowed here: ${why}`,
        this.#variableMeant(name, at.end),
      );
    }
    const every = [...knownFunctions(), ...functions];
    const counts = every.filter((it) => it.startsWith(`${name}/`))
      .map((it) => it.slice(name.length + 1));
    if (counts.length > 0) {
      return this.#fail(
        at,
        `Function "${name}" takes ${
          countsOf([...new Set(counts)])
        }, not ${count}`,
        counts.includes("0") ? this.#piped(node, name) : undefined,
      );
    }
    this.#fail(
      at,
      `Unknown function "${name}"`,
      this.#nearFunction(node, every),
    );
  }

  /** What a function takes stands before it, and not in brackets behind it. */
  #piped({ arguments: given }: Call, name: string): string | undefined {
    const [only, second] = given;
    if (only === undefined || second !== undefined) return undefined;
    const { source } = this.#options;
    return `Write "${source.slice(only.start, only.end)} | ${name}"`;
  }

  /** The variable of nearly the name of what is refused, with what follows. */
  #variableMeant(name: string, end: number): string | undefined {
    const known = this.#options.variables;
    const lower = name.toLowerCase();
    const meant = [lower, lower.replace(/s$/, "")]
      .find((it) => known?.has(it));
    if (meant === undefined) return undefined;
    const path = /^(?:\.\w+)*/.exec(this.#options.source.slice(end))?.[0] ?? "";
    const plain = meant === "input" ? `, or "${path === "" ? "." : path}"` : "";
    return `Write "$${meant}${path}" for the variable${plain}`;
  }

  #nearFunction(node: Call, every: readonly string[]): string | undefined {
    const { name, start } = node;
    const foreign = foreignFunction(name);
    if (foreign !== undefined) {
      const [, simple] = /^Write "(\w+)"$/.exec(foreign) ?? [];
      const piped = simple === undefined
        ? undefined
        : this.#piped(node, simple);
      return piped ?? foreign;
    }
    if (this.#options.variables?.has(name) === true) {
      return `Write "$${name}" for the variable`;
    }
    if (/^[A-Z_][A-Z0-9_]*$/.test(name)) {
      return `Write "$env.${name}" for the variable`;
    }
    const { source } = this.#options;
    const next = source.slice(start + name.length);
    const key = /\.(\w+)-$/.exec(source.slice(0, start))?.[1];
    if (key !== undefined) return `Write ."${key}-${name}" for a key with "-"`;
    if (/^(?:\.[A-Za-z_]|\[)/.test(next)) return `Did you mean ".${name}"?`;
    const near = nearestName(name, every.map((it) => it.split("/")[0] ?? ""));
    if (near !== undefined) return `Did you mean "${near}"?`;
    return node.arguments.length > 0
      ? undefined
      : `Write ".${name}" for a field; texts stand in double quotes`;
  }
}

type Call = Extract<Node, { kind: "call" }>;

/** `1 argument`, `1 or 2 arguments`. */
function countsOf(counts: readonly string[]): string {
  const isOne = counts.length === 1 && counts[0] === "1";
  return `${counts.join(" or ")} argument${isOne ? "" : "s"}`;
}

const LOCATION_REFUSED = "it is about the evaluator, not about the workflow";
/** From the start of `break $name` to the variable. */
const BREAK_LENGTH = 6;
