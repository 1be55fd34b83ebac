/**
 * Functions that decide what goes on: `select`, `first`, `limit`, `any`.
 *
 * @module
 */

import {
  type Argument,
  type EmitPath,
  firstOf,
  GO,
  many,
  type Paths,
  type Signal,
  single,
  STOP,
  testOf,
} from "./code.ts";
import { raise } from "./failure.ts";
import { step } from "./fuel.ts";
import { isTrue, type Json } from "./json.ts";
import { valuesOf } from "./indexing.ts";
import { each, type Native, ofInput, plain } from "./native.ts";

const select: Native = {
  code: ([condition]) => {
    if (condition === undefined || condition.code.arity === "many") {
      return many((env, input, emit) =>
        each(condition, { env, input }, (is) => isTrue(is) ? emit(input) : GO)
      );
    }
    const test = testOf(condition.code);
    const code = single(
      (env, input) => test(env, input) ? input : undefined,
      "maybe",
    );
    return { ...code, known: { kind: "select", test } };
  },
  paths: ([condition]) => (env, at, emit) =>
    each(
      condition,
      { env, input: at.value },
      (is) => isTrue(is) ? emit(at.path, at.value) : GO,
    ),
};

const first: Native = {
  code: ([of]) =>
    single(
      (env, input) =>
        of === undefined ? undefined : firstOf(of.code, env, input),
      "maybe",
    ),
  paths: ([of]) => (env, at, emit) => {
    let signal: Signal = GO;
    of?.paths()(env, at, (path, value) => {
      signal = emit(path, value);
      return STOP;
    });
    return signal;
  },
};

const last: Native = {
  code: ([of]) =>
    single((env, input) => {
      let found: Json | undefined;
      each(of, { env, input }, (value) => {
        step();
        found = value;
        return GO;
      });
      return found;
    }, "maybe"),
  paths: ([of]) => (env, at, emit) => {
    let give: (() => Signal) | undefined;
    of?.paths()(env, at, (path, value) => {
      step();
      give = () => emit(path, value);
      return GO;
    });
    return give?.() ?? GO;
  },
};

/** Counts what comes: `emit` is asked until it has enough. */
function counted<Given extends readonly unknown[]>(
  count: number,
  emit: (...given: Given) => Signal,
  run: (emit: (...given: Given) => Signal) => Signal,
): Signal {
  let left = count;
  let signal: Signal = GO;
  run((...given) => {
    step();
    left -= 1;
    signal = emit(...given);
    return left > 0 ? signal : STOP;
  });
  return signal;
}

function asCount(value: Json, name: string): number {
  if (typeof value !== "number") {
    return raise(`${name} needs a number to count with`);
  }
  if (value < 0) raise(`${name} doesn't support negative count`);
  return Math.ceil(value);
}

const limit: Native = {
  code: ([count, of]) =>
    many((env, input, emit) =>
      each(count, { env, input }, (value) => {
        const left = asCount(value, "limit");
        if (left === 0) return GO;
        return counted<readonly [Json]>(
          left,
          emit,
          (inner) => each(of, { env, input }, inner),
        );
      })
    ),
  paths: ([count, of]) => (env, at, emit) =>
    each(count, { env, input: at.value }, (value) => {
      const left = asCount(value, "limit");
      if (left === 0 || of === undefined) return GO;
      return counted<Parameters<EmitPath>>(
        left,
        emit,
        (inner) => of.paths()(env, at, inner),
      );
    }),
};

const skip: Native = {
  code: ([count, of]) =>
    many((env, input, emit) =>
      each(count, { env, input }, (value) => {
        let left = asCount(value, "skip");
        return each(of, { env, input }, (item) => {
          step();
          return left-- > 0 ? GO : emit(item);
        });
      })
    ),
  paths: ([count, of]) => (env, at, emit) =>
    each(count, { env, input: at.value }, (value) => {
      let left = asCount(value, "skip");
      return of?.paths()(env, at, (path, item) => {
        step();
        return left-- > 0 ? GO : emit(path, item);
      }) ?? GO;
    }),
};

function asIndex(value: Json): number {
  if (typeof value !== "number") return raise("nth needs a number");
  if (value < 0) raise("nth doesn't support negative indices");
  return Math.floor(value);
}

const nth: Native = {
  code: ([at, of]) =>
    many((env, input, emit) =>
      each(at, { env, input }, (value) => {
        let left = asIndex(value);
        let signal: Signal = GO;
        each(of, { env, input }, (item) => {
          step();
          if (left-- > 0) return GO;
          signal = emit(item);
          return STOP;
        });
        return signal;
      })
    ),
  paths: ([index, of]) => (env, at, emit) =>
    each(index, { env, input: at.value }, (value) => {
      let left = asIndex(value);
      let signal: Signal = GO;
      of?.paths()(env, at, (path, item) => {
        step();
        if (left-- > 0) return GO;
        signal = emit(path, item);
        return STOP;
      });
      return signal;
    }),
};

/** Whether there is one for which a condition is as it is wanted. */
function search(
  isWanted: boolean,
  from: (given: readonly Argument[]) => {
    readonly source?: Argument;
    readonly condition?: Argument;
  },
): Native {
  return {
    code: (given) => {
      const { source, condition } = from(given);
      return single((env, input) => {
        let isFound = false;
        const check = (value: Json): Signal => {
          step();
          if (condition === undefined) isFound = isTrue(value) === isWanted;
          else {
            condition.code.run(env, value, (is) => {
              isFound = isTrue(is) === isWanted;
              return isFound ? STOP : GO;
            });
          }
          return isFound ? STOP : GO;
        };
        if (source !== undefined) each(source, { env, input }, check);
        else {for (const item of valuesOf(input)) {
            if (check(item) === STOP) break;
          }}
        return isFound;
      });
    },
  };
}

function pair([source, condition]: readonly Argument[]) {
  return {
    ...(source === undefined ? {} : { source }),
    ...(condition === undefined ? {} : { condition }),
  };
}

function alone([condition]: readonly Argument[]) {
  return condition === undefined ? {} : { condition };
}

const none: Paths = () => GO;

/** `name/count` to what it does. */
export const FLOW_BUILTINS: Readonly<Record<string, Native>> = {
  "empty/0": {
    code: () => single(() => undefined, "maybe"),
    paths: () => none,
  },
  "error/0": ofInput((input) => raise(input)),
  "error/1": plain((_, [message = null]) => raise(message)),
  "not/0": ofInput((input) => !isTrue(input)),
  "select/1": select,
  "first/1": first,
  "last/1": last,
  "limit/2": limit,
  "skip/2": skip,
  "nth/2": nth,
  "isempty/1": {
    code: ([of]) =>
      single((env, input) =>
        of === undefined || firstOf(of.code, env, input) === undefined
      ),
  },
  "any/0": search(true, () => ({})),
  "any/1": search(true, alone),
  "any/2": search(true, pair),
  "all/0": invert(search(false, () => ({}))),
  "all/1": invert(search(false, alone)),
  "all/2": invert(search(false, pair)),
};

/** `all` finds none that is not so. */
function invert({ code }: Native): Native {
  return {
    code: (given, start) => {
      const { one } = code(given, start);
      return single((env, input) => one(env, input) !== true);
    },
  };
}
