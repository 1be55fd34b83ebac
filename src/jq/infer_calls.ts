/**
 * What calls of functions give.
 *
 * @module
 */

import { SELECTORS, SIGNATURES } from "./builtin_types.ts";
import {
  FAILURE,
  type Flow,
  isFailure,
  many,
  NOTHING,
  one,
  times,
} from "./flow.ts";
import type { Inference, Known } from "./infer.ts";
import type { Node, NodeOf } from "./tree.ts";
import {
  ANY,
  ARRAY,
  arrayOf,
  elementsOf,
  type JqType,
  KIND,
  kindsInSentence,
  NEVER,
  NULL,
  ofKinds,
  restrict,
  union,
} from "./types.ts";

type Call = NodeOf<"call">;

/** Functions whose arguments see the same `.`, once for each of their values. */
const BY_VALUE: ReadonlySet<string> = new Set([
  "contains/1",
  "endswith/1",
  "has/1",
  "inside/1",
  "join/1",
  "pow/2",
  "split/1",
  "startswith/1",
  "strftime/1",
  "strptime/1",
  "test/1",
  "test/2",
]);
/** Functions whose argument sees each item. */
const BY_ITEM: ReadonlySet<string> = new Set([
  "group_by/1",
  "map/1",
  "map_values/1",
  "max_by/1",
  "min_by/1",
  "sort_by/1",
  "unique_by/1",
]);
/** Functions whose argument is a path: what it finds there is not taken. */
const BY_PATH: ReadonlySet<string> = new Set([
  "del/1",
  "path/1",
  "paths/1",
  "pick/1",
]);

/** What a call gives. */
export function inferCall(
  inference: Inference,
  node: Call,
  known: Known,
): Flow {
  const key = `${node.name}/${node.arguments.length}`;
  inference.note(node, known);
  const own = known.functions.get(key);
  const given = node.arguments.map((it) =>
    inferArgument(inference, it, { key, known, isOwn: own !== undefined })
  );
  if (own !== undefined) return own;
  const [condition] = node.arguments;
  if (key === "select/1" && condition !== undefined) {
    return inferSelect(inference, condition, known);
  }
  const special = inferSpecial(key, given);
  if (special !== undefined) return special;
  const kinds = SELECTORS.get(key);
  if (kinds !== undefined) return selected(known.input, kinds);
  const signature = SIGNATURES.get(key);
  if (signature === undefined) return many(ANY);
  const { takes, gives, isSure } = signature;
  const isTaken = (known.input.kinds & takes) !== 0;
  if (!isTaken && given.every(({ least }) => least > 0)) {
    const words = kindsInSentence(known.input);
    const wanted = kindsInSentence(ofKinds(takes));
    return inference.fail(
      { start: node.start, end: node.start + node.name.length },
      known,
      `"${node.name}" takes ${wanted}, and this is ${words}`,
    );
  }
  const type = resultType(key, { gives, given, input: known.input });
  if (given.length > 0) return many(type);
  return one(type, !isSure || (known.input.kinds & ~takes) !== 0);
}

function inferArgument(
  inference: Inference,
  node: Node,
  { key, known, isOwn }: {
    readonly key: string;
    readonly known: Known;
    readonly isOwn: boolean;
  },
): Flow {
  if (isOwn) return inference.flow(node, { ...known, input: ANY });
  if (BY_VALUE.has(key) || key === "select/1" || key === "error/1") {
    return inference.flow(node, known);
  }
  if (key === "first/1") {
    return inference.flow(node, { ...known, isCaught: true });
  }
  if (BY_ITEM.has(key)) {
    const collections = restrict(known.input, KIND.array | KIND.object);
    if (collections.kinds === 0) return many(ANY);
    const items = elementsOf(collections);
    if (items.kinds === 0) return many(ANY);
    return inference.flow(node, { ...known, input: items });
  }
  if (BY_PATH.has(key)) {
    return inference.quietly(node, { ...known, input: ANY, isCaught: true });
  }
  return inference.flow(node, { ...known, input: ANY, isCaught: true });
}

/** What a function gives that gives on some of what it is given. */
function inferSpecial(key: string, given: readonly Flow[]): Flow | undefined {
  const [first] = given;
  switch (key) {
    case "empty/0":
      return NOTHING;
    case "error/0":
    case "error/1":
      return first === undefined ? FAILURE : times(first, FAILURE);
    case "first/1":
      return first === undefined ? undefined : {
        ...first,
        // What comes first is given, whatever fails after it.
        least: first.fails ? 0 : Math.min(1, first.least),
        most: Math.min(1, first.most),
      };
    default:
      return undefined;
  }
}

/** `select(f)`: those of which it holds. */
function inferSelect(
  inference: Inference,
  condition: Node,
  known: Known,
): Flow {
  const { most, fails } = inference.quietly(condition, known);
  const { holds } = inference.sides(condition, known);
  const type = holds?.input ?? NEVER;
  return { type, least: 0, most: type.kinds === 0 ? 0 : most, fails };
}

function selected(input: JqType, kinds: number): Flow {
  const type = restrict(input, kinds);
  if (type.kinds === 0) return NOTHING;
  const least = type.kinds === input.kinds ? 1 : 0;
  return { type, least, most: 1, fails: false };
}

/** What is known more exactly of some, by what they are given. */
function resultType(
  key: string,
  { gives, given, input }: {
    readonly gives: JqType;
    readonly given: readonly Flow[];
    readonly input: JqType;
  },
): JqType {
  const [first] = given;
  switch (key) {
    case "sort/0":
    case "unique/0":
    case "sort_by/1":
    case "unique_by/1":
      return restrict(union(input, ARRAY).items ? input : ARRAY, KIND.array);
    case "min/0":
    case "max/0":
      return input.items === undefined ? ANY : union(input.items, NULL);
    case "map/1":
      return first === undefined || isFailure(first)
        ? gives
        : arrayOf(first.type);
    default:
      return gives;
  }
}
