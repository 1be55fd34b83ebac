/**
 * A schedule in words.
 *
 * @module
 */

import { DURATION_UNITS_MS } from "./duration.ts";
import type { Consumption, EventFilter, Schedule } from "./tree_events.ts";

/** Says when a workflow starts: `every 5 minutes`, `on com.example.order`. */
export function scheduleText(schedule: Schedule): string {
  switch (schedule.kind) {
    case "every":
      return `every ${durationText(schedule.interval.ms)}`;
    case "cron":
      return schedule.timeZone === "UTC"
        ? schedule.expression
        : `${schedule.expression} in ${schedule.timeZone}`;
    case "after":
      return `${durationText(schedule.delay.ms)} after the end`;
    case "on":
      return `on ${consumptionText(schedule.to)}`;
  }
}

function consumptionText(to: Consumption): string {
  switch (to.kind) {
    case "one":
      return filterText(to.filter);
    case "all":
      return to.filters.map(filterText).join(" and ");
    case "any":
      return to.filters.length === 0
        ? "any event"
        : to.filters.map(filterText).join(" or ");
  }
}

/** Names the type that a filter asks for. */
function filterText(filter: EventFilter): string {
  const type = filter.with.find(([name]) => name === "type")?.[1];
  return type?.kind === "literal" && typeof type.value === "string"
    ? type.value
    : "some event";
}

/** Writes a length of time: `1 hour 30 minutes`. */
function durationText(ms: number): string {
  let restMs = ms;
  const parts: string[] = [];
  for (const [unit, unitMs] of Object.entries(DURATION_UNITS_MS)) {
    const count = Math.floor(restMs / unitMs);
    restMs -= count * unitMs;
    if (count > 0) {
      parts.push(`${count} ${count === 1 ? unit.slice(0, -1) : unit}`);
    }
  }
  return parts.join(" ");
}
