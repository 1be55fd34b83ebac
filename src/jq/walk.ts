/**
 * Goes through the nodes of a tree, whatever they are.
 *
 * @module
 */

import type { Node, Pattern } from "./tree.ts";

/** Calls back for a node and all in it, each before what is in it. */
export function eachNode(tree: Node, visit: (node: Node) => void): void {
  visit(tree);
  for (const child of childrenOf(tree)) eachNode(child, visit);
}

/** The nodes that a node is made of, in the order of the text. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "identity":
    case "recurse":
    case "literal":
    case "variable":
    case "location":
    case "format":
    case "break":
    case "missing":
      return [];
    case "index":
      return [node.target, node.key];
    case "slice":
      return [node.target, node.from, node.to].filter(isThere);
    case "iterate":
      return [node.target];
    case "text":
      return node.parts.filter((it) => typeof it !== "string");
    case "array":
      return [node.body].filter(isThere);
    case "object":
      return node.entries.flatMap(({ key, value }) => [key, value]);
    case "negate":
    case "label":
      return [node.body];
    case "binary":
    case "and":
    case "or":
    case "alternative":
    case "pipe":
    case "comma":
    case "assign":
      return [node.left, node.right];
    case "if":
      return [
        ...node.branches.flatMap(({ condition, then }) => [condition, then]),
        node.otherwise,
      ].filter(isThere);
    case "try":
      return [node.body, node.handler].filter(isThere);
    case "reduce":
      return [
        node.source,
        ...keysIn(node.patterns),
        node.initial,
        node.update,
      ];
    case "foreach":
      return [
        node.source,
        ...keysIn(node.patterns),
        node.initial,
        node.update,
        node.extract,
      ].filter(isThere);
    case "bind":
      return [node.source, ...keysIn(node.patterns), node.body];
    case "define":
      return [node.definition.body, node.body];
    case "call":
      return node.arguments;
  }
}

function isThere<T>(it: T | undefined): it is T {
  return it !== undefined;
}

/** What computes the keys of patterns. */
function keysIn(patterns: readonly Pattern[]): readonly Node[] {
  return patterns.flatMap((pattern) => {
    switch (pattern.kind) {
      case "variable":
        return [];
      case "array":
        return keysIn(pattern.items);
      case "object":
        return pattern.entries.flatMap(({ key, value }) => [
          key,
          ...(value === undefined ? [] : keysIn([value])),
        ]);
    }
  });
}
