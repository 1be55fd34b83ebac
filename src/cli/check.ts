/**
 * What the checks of `doctor` find, in its words.
 *
 * @module
 */

import {
  type Finding,
  Finding_State as State,
} from "../../gen/stigmer/backend/v1/operations_pb.ts";
import type { FindingInit } from "../backend/finding.ts";
import type { StigmerError } from "../model/error.ts";

/** What was found. */
export interface Check {
  readonly name: string;
  /** What it belongs to, as `disk`; absent for this program's own. */
  readonly group?: string;
  /** A `problem` must be fixed, a `note` may be. */
  readonly state: "ok" | "note" | "problem";
  readonly detail: string;
  /** The way out. */
  readonly fix?: string;
}

/** Says an error as a problem, with its first way out. */
export function problemOf(name: string, error: StigmerError): Check {
  const [fix = "Mend it, or use another with --config and --home"] =
    error.hints;
  return { name, state: "problem", detail: error.message, fix };
}

/** Says what a backend found in the words of this command. */
export function checkOf(finding: Finding | FindingInit): Check {
  const { name = "", group = "", state, detail = "", fix = "" } = finding;
  return {
    name,
    state: state === State.OK
      ? "ok"
      : state === State.PROBLEM
      ? "problem"
      : "note",
    detail,
    ...(fix === "" ? {} : { fix }),
    group,
  };
}
