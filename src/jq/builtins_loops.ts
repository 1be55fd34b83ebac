/**
 * Functions that go on by themselves: `range`, `recurse`, `while`, `until`.
 *
 * @module
 */

import {
  type Argument,
  type Code,
  collect,
  type Emit,
  type EmitPath,
  type Env,
  GO,
  many,
  type Path,
  type Signal,
  single,
} from "./code.ts";
import { recurse as recurseAll, recursePaths } from "./recurse.ts";
import { raise } from "./failure.ts";
import { descend, makeGrown, makeObject, meter, step } from "./fuel.ts";
import {
  isArray,
  isObject,
  isTrue,
  type Json,
  type MutableObject,
  putMember,
} from "./json.ts";
import { each, type Native } from "./native.ts";
import { valuesOf } from "./indexing.ts";

/** Counts from one number by a step up to another. */
function count(
  from: Json,
  { to, by }: { readonly to: Json; readonly by: Json },
  emit: Emit,
): Signal {
  if (
    typeof from !== "number" || typeof to !== "number" ||
    typeof by !== "number"
  ) {
    return raise("Range bounds must be numeric");
  }
  if (by === 0) return GO;
  for (let i = from; by > 0 ? i < to : i > to; i += by) {
    step();
    const signal = emit(i);
    if (signal !== GO) return signal;
  }
  return GO;
}

/** Counts up by one; what is no number is never reached. */
function countUp(from: Json, to: Json, emit: Emit): Signal {
  if (typeof from !== "number" || typeof to !== "number") {
    return raise("Range bounds must be numeric");
  }
  for (let i = from; !(i >= to); i += 1) {
    step();
    const signal = emit(i);
    if (signal !== GO) return signal;
  }
  return GO;
}

function range(given: readonly Argument[]): Code {
  const [a, b, c] = given;
  return many((env, input, emit) =>
    each(a, { env, input }, (first) => {
      if (b === undefined) return countUp(0, first, emit);
      return each(b, { env, input }, (second) => {
        if (c === undefined) return countUp(first, second, emit);
        return each(
          c,
          { env, input },
          (by) => count(first, { to: second, by }, emit),
        );
      });
    })
  );
}

/** Goes deeper for the time that something runs. */
function deeper(run: () => Signal): Signal {
  step();
  descend();
  const signal = run();
  meter.depth -= 1;
  return signal;
}

/** `recurse(f)`: `.`, and all that `f` gives, and that of each. */
function recurse(
  next: Code,
  at: { readonly env: Env | undefined; readonly input: Json },
  emit: Emit,
): Signal {
  const { env } = at;
  if (next.arity === "many") {
    return deeper(() =>
      emit(at.input) ||
      next.run(env, at.input, (input) => recurse(next, { env, input }, emit))
    );
  }
  let value: Json | undefined = at.input;
  while (value !== undefined) {
    step();
    const signal = emit(value);
    if (signal !== GO) return signal;
    value = next.one(env, value);
  }
  return GO;
}

function recursePathsBy(
  next: Argument,
  at: {
    readonly env: Env | undefined;
    readonly path: Path;
    readonly value: Json;
  },
  emit: EmitPath,
): Signal {
  const { env } = at;
  return deeper(() =>
    emit(at.path, at.value) ||
    next.paths()(
      env,
      at,
      (path, value) => recursePathsBy(next, { env, path, value }, emit),
    )
  );
}

/** Goes on only where a condition holds. */
function whereTrue(next: Code, condition: Argument): Code {
  return many((env, input, emit) =>
    next.run(env, input, (value) =>
      condition.code.run(
        env,
        value,
        (is) => isTrue(is) ? emit(value) : GO,
      ))
  );
}

const until: Native = {
  code: ([condition, update]) => {
    if (condition === undefined || update === undefined) return EMPTY;
    const next = update.code;
    const is = condition.code;
    if (next.arity !== "many" && is.arity !== "many") {
      return single((env, input) => {
        let value: Json | undefined = input;
        while (value !== undefined) {
          step();
          const done = is.one(env, value);
          if (done === undefined) return undefined;
          if (isTrue(done)) return value;
          value = next.one(env, value);
        }
        return undefined;
      }, "maybe");
    }
    const loop = (env: Env | undefined, input: Json, emit: Emit): Signal =>
      deeper(() =>
        is.run(
          env,
          input,
          (done) =>
            isTrue(done)
              ? emit(input)
              : next.run(env, input, (value) => loop(env, value, emit)),
        )
      );
    return many(loop);
  },
};

const whileTrue: Native = {
  code: ([condition, update]) => {
    if (condition === undefined || update === undefined) return EMPTY;
    const next = update.code;
    const is = condition.code;
    if (next.arity !== "many" && is.arity !== "many") {
      return many((env, input, emit) => {
        let value: Json | undefined = input;
        while (value !== undefined) {
          step();
          const on = is.one(env, value);
          if (on === undefined || !isTrue(on)) return GO;
          const signal = emit(value);
          if (signal !== GO) return signal;
          value = next.one(env, value);
        }
        return GO;
      });
    }
    const loop = (env: Env | undefined, input: Json, emit: Emit): Signal =>
      deeper(() =>
        is.run(env, input, (on) => {
          if (!isTrue(on)) return GO;
          return emit(input) ||
            next.run(env, input, (value) => loop(env, value, emit));
        })
      );
    return many(loop);
  },
};

const EMPTY: Code = single(() => undefined, "maybe");

const repeat: Native = {
  code: ([of]) =>
    many((env, input, emit) => {
      for (;;) {
        step();
        const signal = each(of, { env, input }, emit);
        if (signal !== GO) return signal;
      }
    }),
};

const map: Native = {
  code: ([of]) => {
    if (of === undefined) return EMPTY;
    const { code } = of;
    if (code.arity === "many") {
      const all = many((env, input, emit) => {
        for (const item of valuesOf(input)) {
          step();
          const signal = code.run(env, item, emit);
          if (signal !== GO) return signal;
        }
        return GO;
      });
      return single((env, input) => collect(all, env, input));
    }
    const { one } = code;
    return single((env, input) => {
      const items: Json[] = [];
      for (const item of valuesOf(input)) {
        step();
        const value = one(env, item);
        if (value !== undefined) items.push(value);
      }
      makeGrown(items.length);
      return items;
    });
  },
};

/** `map_values(f)` keeps the first value of each, and what has none goes. */
const mapValues: Native = {
  code: ([of]) => {
    if (of === undefined) return EMPTY;
    const first = (env: Env | undefined, item: Json): Json | undefined => {
      step();
      if (of.code.arity !== "many") return of.code.one(env, item);
      let found: Json | undefined;
      of.code.run(env, item, (value) => {
        found = value;
        return 1;
      });
      return found;
    };
    return single((env, input) => {
      if (isArray(input)) {
        const items: Json[] = [];
        for (const item of input) {
          const value = first(env, item);
          if (value !== undefined) items.push(value);
        }
        makeGrown(items.length);
        return items;
      }
      if (!isObject(input)) valuesOf(input);
      const object: MutableObject = {};
      if (isObject(input)) {
        const keys = Object.keys(input);
        makeObject(keys.length);
        for (const key of keys) {
          const value = first(env, input[key] ?? null);
          if (value !== undefined) putMember(object, key, value);
        }
      }
      return object;
    });
  },
};

/** `name/count` to what it does. */
export const LOOP_BUILTINS: Readonly<Record<string, Native>> = {
  "range/1": { code: range },
  "range/2": { code: range },
  "range/3": { code: range },
  "recurse/0": {
    code: () => many((_, input, emit) => recurseAll(input, emit)),
    paths: () => (_, { path, value }, emit) => recursePaths(path, value, emit),
  },
  "recurse/1": {
    code: ([next]) =>
      many((env, input, emit) =>
        next === undefined ? GO : recurse(next.code, { env, input }, emit)
      ),
    paths: ([next]) => (env, at, emit) =>
      next === undefined ? GO : recursePathsBy(next, { env, ...at }, emit),
  },
  "recurse/2": {
    code: ([next, condition]) => {
      if (next === undefined || condition === undefined) return EMPTY;
      const filtered = whereTrue(next.code, condition);
      return many((env, input, emit) =>
        recurse(filtered, { env, input }, emit)
      );
    },
  },
  "until/2": until,
  "while/2": whileTrue,
  "repeat/1": repeat,
  "map/1": map,
  "map_values/1": mapValues,
};
