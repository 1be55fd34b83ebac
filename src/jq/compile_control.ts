/**
 * Compiles what chooses and what leaves: `if`, `label`, `break`.
 *
 * @module
 */

import {
  Break,
  type Code,
  Env,
  finish,
  finishRun,
  GO,
  Label,
  loosest,
  many,
  type Run,
  single,
} from "./code.ts";
import type { Compiler, Place } from "./compile.ts";
import { raise } from "./failure.ts";
import { meter } from "./fuel.ts";
import { isTrue } from "./json.ts";
import { depthOf, find, outward, type Scope, within } from "./scope.ts";
import type { NodeOf } from "./tree.ts";

export function compileIf(
  compiler: Compiler,
  { branches, otherwise, ...node }: NodeOf<"if">,
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

export function compileLabel(
  compiler: Compiler,
  node: NodeOf<"label">,
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

export function compileBreak(name: string, scope: Scope | undefined): Code {
  const found = find(scope, (it) => it.kind === "label" && it.name === name);
  const distance = depthOf(scope) - depthOf(found);
  return single((env) => {
    const label = outward(env, distance)?.other;
    if (label instanceof Label) throw new Break(label);
    return raise("break");
  }, "maybe");
}
