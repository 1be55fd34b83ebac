/**
 * Compiles `try`: it catches what its body raises, and nothing that is raised
 * by those who take its values.
 *
 * @module
 */

import { type Code, GO, many, single } from "./code.ts";
import type { Compiler } from "./compile.ts";
import { Raised } from "./failure.ts";
import { meter, noteCaught } from "./fuel.ts";
import type { Json } from "./json.ts";
import type { Scope } from "./scope.ts";
import type { Node } from "./tree.ts";

/** An error of who takes the values, on its way through. */
export class Outside {
  readonly error: unknown;
  readonly from: object;
  constructor(error: unknown, from: object) {
    this.error = error;
    this.from = from;
  }
}

/** Compiles `try a catch b`, `try a` and `a?`. */
export function compileTry(
  compiler: Compiler,
  node: Extract<Node, { kind: "try" }>,
  scope: Scope | undefined,
): Code {
  const body = compiler.compile(node.body, scope);
  const handler = node.handler === undefined
    ? undefined
    : compiler.compile(node.handler, scope);
  if (body.arity !== "many" && handler?.arity !== "many") {
    return single((env, input) => {
      const { depth } = meter;
      let raised: Json;
      try {
        return body.one(env, input);
      } catch (thrown) {
        if (!(thrown instanceof Raised)) throw thrown;
        meter.depth = depth;
        noteCaught();
        raised = thrown.value;
      }
      return handler?.one(env, raised);
    }, body.arity === "one" && handler?.arity === "one" ? "one" : "maybe");
  }
  return many((env, input, emit) => {
    const { depth } = meter;
    const raised = attempt((guarded) => body.run(env, input, guarded), emit);
    if (typeof raised === "number") return raised;
    meter.depth = depth;
    return handler?.run(env, raised.value, emit) ?? GO;
  });
}

/** Runs something; gives its signal, or what it raised by itself. */
export function attempt<Given extends readonly unknown[], Signal>(
  run: (guarded: (...given: Given) => Signal) => Signal,
  emit: (...given: Given) => Signal,
): Signal | Raised {
  const self = {};
  try {
    return run((...given) => {
      try {
        return emit(...given);
      } catch (thrown) {
        if (thrown instanceof Raised) throw new Outside(thrown, self);
        throw thrown;
      }
    });
  } catch (thrown) {
    if (thrown instanceof Raised) {
      noteCaught();
      return thrown;
    }
    if (thrown instanceof Outside && thrown.from === self) throw thrown.error;
    throw thrown;
  }
}
