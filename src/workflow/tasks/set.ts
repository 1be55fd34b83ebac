/**
 * `set`: gives a value.
 *
 * @module
 */

import { isJsonObject, member } from "../../model/json.ts";
import type { TaskPlace } from "../context.ts";
import { readTemplate } from "../data_flow.ts";
import { placeOf, reportError, reportType } from "../fields.ts";
import { checkLiteral } from "../literal_fit.ts";
import type { SetTask } from "../tree.ts";
import { readBase } from "./_base.ts";

/** Reads a `set` task: an object, or one expression. */
export function readSet(place: TaskPlace): SetTask {
  const base = readBase(place, { kind: "set", known: ["set"] });
  const value = member(place.object, "set") ?? null;
  const at = placeOf(place, "set");
  if (typeof value !== "string" && !isJsonObject(value)) {
    reportType(at, "an object or an expression", value);
  } else if (isJsonObject(value) && Object.keys(value).length === 0) {
    reportError(at, { message: "There is nothing to set" });
  }
  const template = readTemplate(value, at);
  const { as, schema } = base.output;
  if (template !== undefined && as === undefined && schema !== undefined) {
    checkLiteral(template, at, { schema, what: "the output" });
  }
  return {
    ...base,
    kind: "set",
    value: template ?? { kind: "literal", value },
  };
}
