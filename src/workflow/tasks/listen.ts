/**
 * `listen`: waits for events.
 *
 * @module
 */

import { member } from "../../model/json.ts";
import type { TaskPlace } from "../context.ts";
import { checkKeys, placeOf, readObject } from "../fields.ts";
import type { Consumption, ListenTask } from "../tree_events.ts";
import { readBase } from "./_base.ts";
import { readConsumption, readEventReading } from "./consumption.ts";
import { readForEach } from "./for_each.ts";

/** Stands for what could not be read, which was noted. */
const NOTHING: Consumption = { kind: "any", filters: [] };

/** Reads a `listen` task. */
export function readListen(place: TaskPlace): ListenTask {
  const { object } = place;
  const base = readBase(place, {
    kind: "listen",
    known: ["listen", "foreach"],
    instead: { forEach: "foreach", for: "foreach", do: "foreach.do" },
  });
  const at = placeOf(place, "listen");
  const listen = readObject(member(object, "listen"), at) ?? {};
  checkKeys(listen, at, {
    known: ["to", "read"],
    required: ["to"],
    what: 'the "listen" of a task',
    instead: { one: "to.one", any: "to.any", all: "to.all", as: "read" },
  });
  const to = readConsumption(member(listen, "to"), placeOf(at, "to"));
  const forEach = readForEach(
    member(object, "foreach"),
    placeOf(place, "foreach"),
  );
  return {
    ...base,
    kind: "listen",
    to: to ?? NOTHING,
    read: readEventReading(member(listen, "read"), placeOf(at, "read")),
    ...(forEach === undefined ? {} : { forEach }),
  };
}
