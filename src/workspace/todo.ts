/**
 * `todo`: the list of what is to do. It is kept nowhere but in the run itself:
 * each call says it anew, and its result stands in the conversation.
 *
 * @module
 */

import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import {
  listParameter,
  mistyped,
  type Reading,
  textIn,
  valueOf,
  wrong,
} from "./parameters.ts";
import { done, type HereTool } from "./tool.ts";

/** Items of a list at the most. */
const ITEMS_MAX = 100;
/** Characters of an item at the most. */
const ITEM_LENGTH_MAX = 500;
const SIGNS: Readonly<Record<string, string>> = {
  pending: "[ ]",
  in_progress: "[~]",
  done: "[x]",
};

/** The tool. */
export const TASK_LIST: HereTool = {
  name: "todo",
  description: "Write down the list of what is to do, for work of several " +
    "steps. Give the whole list each time, and what of it is done: it takes " +
    "the place of the list before. Have one item in progress.",
  parameters: {
    items: listParameter("The whole list, in order", {
      isRequired: true,
      countMax: ITEMS_MAX,
      items: {
        type: "object",
        properties: {
          text: { type: "string" },
          status: { type: "string", enum: Object.keys(SIGNS) },
        },
        required: ["text"],
      },
      read: readItem,
    }),
  },
  effect: "read",
  repeatable: true,
  run: (args) => Promise.resolve(done(shown(args))),
};

function readItem(item: Json): Reading {
  if (!isJsonObject(item)) return mistyped("an object", item);
  const text = textIn(item, "text").trim();
  const status = member(item, "status") ?? "pending";
  if (text === "") return wrong("it has no `text`");
  if (text.length > ITEM_LENGTH_MAX) {
    return wrong(`its \`text\` has more than ${ITEM_LENGTH_MAX} characters`);
  }
  if (typeof status !== "string" || !Object.hasOwn(SIGNS, status)) {
    return wrong(`its \`status\` is none of ${Object.keys(SIGNS).join(", ")}`);
  }
  return valueOf({ text, status });
}

function shown(args: JsonObject): string {
  const items = member(args, "items");
  const lines = (isJsonArray(items) ? items.filter(isJsonObject) : []).map(
    (item) =>
      `${SIGNS[textIn(item, "status")] ?? "[ ]"} ${textIn(item, "text")}`,
  );
  return lines.length === 0 ? "[nothing is to do]" : lines.join("\n");
}
