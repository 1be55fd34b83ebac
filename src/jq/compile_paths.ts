/**
 * Compiles trees for the paths that they give: what `path(f)`, assignments and
 * `del` need.
 *
 * @module
 */

import {
  Break,
  Env,
  GO,
  Label,
  NOWHERE,
  type Path,
  type Paths,
  type Signal,
} from "./code.ts";
import { compileCallPaths } from "./compile_calls.ts";
import type { Compiler } from "./compile.ts";
import { unlessRaised } from "./compile_access.ts";
import { bindFirst, compilePatterns } from "./compile_patterns.ts";
import { attempt } from "./compile_try.ts";
import { Raised } from "./failure.ts";
import { meter, step } from "./fuel.ts";
import { index, slice } from "./indexing.ts";
import { isTrue, type Json } from "./json.ts";
import { iteratePaths, recursePaths, stepTo } from "./recurse.ts";
import { type Scope, withDefinition, within } from "./scope.ts";
import type { Node } from "./tree.ts";

/** Compiles a node for its paths. */
export function compilePaths(
  compiler: Compiler,
  node: Node,
  scope: Scope | undefined,
): Paths {
  switch (node.kind) {
    case "identity":
      return (_, { path, value }, emit) => emit(path, value);
    case "recurse":
      return (_, { path, value }, emit) => recursePaths(path, value, emit);
    case "index":
      return compileIndexPaths(compiler, node, scope);
    case "slice":
      return compileSlicePaths(compiler, node, scope);
    case "iterate": {
      const target = compiler.paths(node.target, scope);
      return (env, at, emit) =>
        target(env, at, (path, value) => {
          meter.at = node.start;
          const isNone = typeof value !== "object" || value === null;
          if (isNone && node.isOptional === true && path !== NOWHERE) return GO;
          return iteratePaths(path, value, emit);
        });
    }
    case "pipe": {
      const left = compiler.paths(node.left, scope);
      const right = compiler.paths(node.right, scope);
      return (env, at, emit) =>
        left(env, at, (path, value) => right(env, { path, value }, emit));
    }
    case "comma": {
      const left = compiler.paths(node.left, scope);
      const right = compiler.paths(node.right, scope);
      return (env, at, emit) => left(env, at, emit) || right(env, at, emit);
    }
    case "if":
      return compileIfPaths(compiler, node, scope);
    case "alternative":
      return compileAlternativePaths(compiler, node, scope);
    case "try":
      return compileTryPaths(compiler, node, scope);
    case "bind": {
      const source = compiler.compile(node.source, scope);
      const bound = compilePatterns(compiler, node.patterns, scope);
      const body = compiler.paths(node.body, bound.scope);
      return (env, at, emit) =>
        source.run(env, at.value, (value) => {
          step();
          return bindFirst<readonly [Path, Json]>(bound, { env, value }, {
            body: (inner, guarded) => body(inner, at, guarded),
            emit,
          });
        });
    }
    case "reduce":
      return compileReducePaths(compiler, node, scope);
    case "foreach":
      return compileForeachPaths(compiler, node, scope);
    case "define":
      return compiler.paths(
        node.body,
        withDefinition(scope, node.definition),
      );
    case "label":
      return compileLabelPaths(compiler, node, scope);
    case "call":
      return compileCallPaths(compiler, node, scope) ??
        computedPaths(compiler, node, scope);
    default:
      return computedPaths(compiler, node, scope);
  }
}

/** Functions that give `.` itself where there is nothing to do. */
const KEEPING: readonly string[] = [
  "tostring",
  "tonumber",
  "ltrimstr",
  "rtrimstr",
  "toarray",
  "del",
  "delpaths",
  "pick",
  "setpath",
];
/** Nodes that give something new, even where it looks the same. */
const MAKING: readonly Node["kind"][] = [
  "call",
  "literal",
  "assign",
  "format",
  "text",
];

/** Of these there is only one, whatever computed it. */
function isAlike(value: Json): boolean {
  return value === null || typeof value === "boolean";
}

/** Values that are computed stand nowhere, unless they are `.` itself. */
function computedPaths(
  compiler: Compiler,
  node: Node,
  scope: Scope | undefined,
): Paths {
  const code = compiler.compile(node, scope);
  const isKeeping = (node.kind === "call" && KEEPING.includes(node.name)) ||
    !MAKING.includes(node.kind) ||
    (node.kind === "format" && node.name === "text");
  return (env, { path, value }, emit) =>
    code.run(env, value, (computed) => {
      const isSame = computed === value && (isKeeping || isAlike(value));
      return emit(isSame ? path : NOWHERE, computed);
    });
}

type Of<Kind extends Node["kind"]> = Extract<Node, { kind: Kind }>;

function compileIndexPaths(
  compiler: Compiler,
  node: Of<"index">,
  scope: Scope | undefined,
): Paths {
  const target = compiler.paths(node.target, scope);
  const keys = compiler.compile(node.key, scope);
  const take = node.isOptional === true ? unlessRaised(index) : index;
  return (env, at, emit) =>
    keys.run(env, at.value, (key) =>
      target(env, at, (path, value) => {
        step();
        meter.at = node.start;
        const next = stepTo(path, key, value);
        const found = take(value, key);
        return found === undefined ? GO : emit(next, found);
      }));
}

function compileSlicePaths(
  compiler: Compiler,
  node: Of<"slice">,
  scope: Scope | undefined,
): Paths {
  const nothing: Node = { ...node, kind: "literal", value: null };
  const target = compiler.paths(node.target, scope);
  const from = compiler.compile(node.from ?? nothing, scope);
  const to = compiler.compile(node.to ?? nothing, scope);
  const take = node.isOptional === true ? unlessRaised(slice) : slice;
  return (env, at, emit) =>
    from.run(
      env,
      at.value,
      (start) =>
        to.run(env, at.value, (end) =>
          target(env, at, (path, value) => {
            meter.at = node.start;
            const next = stepTo(path, { start, end }, value);
            const found = take(value, start, end);
            return found === undefined ? GO : emit(next, found);
          })),
    );
}

function compileIfPaths(
  compiler: Compiler,
  { branches, otherwise, ...node }: Of<"if">,
  scope: Scope | undefined,
): Paths {
  let paths = compiler.paths(otherwise ?? { ...node, kind: "identity" }, scope);
  for (const branch of branches.toReversed()) {
    const condition = compiler.compile(branch.condition, scope);
    const then = compiler.paths(branch.then, scope);
    const no = paths;
    paths = (env, at, emit) =>
      condition.run(
        env,
        at.value,
        (value) => isTrue(value) ? then(env, at, emit) : no(env, at, emit),
      );
  }
  return paths;
}

function compileAlternativePaths(
  compiler: Compiler,
  node: Of<"alternative">,
  scope: Scope | undefined,
): Paths {
  const left = compiler.paths(node.left, scope);
  const right = compiler.paths(node.right, scope);
  return (env, at, emit) => {
    let isFound = false;
    const signal = left(env, at, (path, value) => {
      if (!isTrue(value)) return GO;
      isFound = true;
      return emit(path, value);
    });
    return isFound || signal !== GO ? signal : right(env, at, emit);
  };
}

function compileTryPaths(
  compiler: Compiler,
  node: Of<"try">,
  scope: Scope | undefined,
): Paths {
  const body = compiler.paths(node.body, scope);
  const handler = node.handler === undefined
    ? undefined
    : compiler.paths(node.handler, scope);
  return (env, at, emit) => {
    const { depth } = meter;
    const raised = attempt<readonly [Path, Json], Signal>(
      (guarded) => body(env, at, guarded),
      emit,
    );
    if (!(raised instanceof Raised)) return raised;
    meter.depth = depth;
    const value = raised.value;
    return handler?.(env, { path: NOWHERE, value }, emit) ?? GO;
  };
}

interface State {
  readonly path: Path;
  readonly value: Json;
}

const EMPTY: State = { path: NOWHERE, value: null };

function compileReducePaths(
  compiler: Compiler,
  node: Of<"reduce">,
  scope: Scope | undefined,
): Paths {
  const source = compiler.compile(node.source, scope);
  const bound = compilePatterns(compiler, node.patterns, scope);
  const initial = compiler.paths(node.initial, scope);
  const update = compiler.paths(node.update, bound.scope);
  return (env, at, emit) =>
    initial(env, at, (path, value) => {
      let state: State = { path, value };
      source.run(env, at.value, (item) =>
        bindFirst<readonly []>(bound, { env, value: item }, {
          body: (inner) => {
            let next = EMPTY;
            update(inner, state, (nextPath, nextValue) => {
              next = { path: nextPath, value: nextValue };
              return GO;
            });
            state = next;
            return GO;
          },
          emit: () =>
            GO,
        }));
      return emit(state.path, state.value);
    });
}

function compileForeachPaths(
  compiler: Compiler,
  node: Of<"foreach">,
  scope: Scope | undefined,
): Paths {
  const source = compiler.compile(node.source, scope);
  const bound = compilePatterns(compiler, node.patterns, scope);
  const initial = compiler.paths(node.initial, scope);
  const update = compiler.paths(node.update, bound.scope);
  const extract = node.extract === undefined
    ? undefined
    : compiler.paths(node.extract, bound.scope);
  return (env, at, emit) =>
    initial(env, at, (path, value) => {
      let state: State = { path, value };
      return source.run(env, at.value, (item) =>
        bindFirst<readonly [Path, Json]>(bound, { env, value: item }, {
          body: (inner, give) =>
            update(inner, state, (nextPath, nextValue) => {
              state = { path: nextPath, value: nextValue };
              return extract?.(inner, state, give) ??
                give(nextPath, nextValue);
            }),
          emit,
        }));
    });
}

function compileLabelPaths(
  compiler: Compiler,
  node: Of<"label">,
  scope: Scope | undefined,
): Paths {
  const inner = within(scope, { kind: "label", name: node.name });
  const body = compiler.paths(node.body, inner);
  return (env, at, emit) => {
    const label = new Label();
    const { depth } = meter;
    try {
      return body(new Env(null, env, label), at, emit);
    } catch (thrown) {
      if (!(thrown instanceof Break) || thrown.label !== label) throw thrown;
      meter.depth = depth;
      return GO;
    }
  };
}
