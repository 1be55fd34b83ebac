/**
 * Whether a node of a program gives one result: what gives none or several
 * changes all that is around it.
 *
 * @module
 */

import type { Node } from "../jq/tree.ts";
import { childrenOf } from "../jq/walk.ts";

/** Functions that give one result, whatever their arguments give. */
const COLLECTING: readonly string[] = [
  "all",
  "any",
  "group_by",
  "map",
  "map_values",
  "max_by",
  "min_by",
  "sort_by",
  "unique_by",
  "with_entries",
];
/** Functions that give one result where their arguments do. */
const ONE_RESULT: readonly string[] = [
  ...COLLECTING,
  ...("abs add ascii_downcase ascii_upcase ceil contains del endswith " +
    "explode false first flatten floor from_entries fromjson gsub has " +
    "implode in index indices inside join keys keys_unsorted last length " +
    "ltrimstr max min not now null reverse rindex round rtrimstr sort " +
    "split startswith sub test to_entries todate tojson tonumber tostring " +
    "trim ltrim rtrim true type unique utf8bytelength").split(" "),
];

/** Whether a node is known to give one result, no more and no less. */
export function givesOne(node: Node): boolean {
  switch (node.kind) {
    case "array":
      return true;
    case "break":
    case "comma":
    case "define":
    case "foreach":
    case "iterate":
    case "label":
    case "missing":
    case "recurse":
    case "reduce":
    case "try":
      return false;
    case "index":
    case "slice":
      return node.isOptional !== true && areOne(node);
    case "bind":
      // What fails after it is done with the next pattern.
      return node.patterns.length === 1 && areOne(node);
    case "call":
      return COLLECTING.includes(node.name) ||
        (ONE_RESULT.includes(node.name) && areOne(node));
    case "alternative":
    case "and":
    case "assign":
    case "binary":
    case "format":
    case "identity":
    case "if":
    case "literal":
    case "location":
    case "negate":
    case "object":
    case "or":
    case "pipe":
    case "text":
    case "variable":
      return areOne(node);
  }
}

/** Whether all that a node is made of gives one result each. */
function areOne(node: Node): boolean {
  return childrenOf(node).every(givesOne);
}
