/**
 * The nodes of the tree about events and time: what is emitted, what is
 * listened for, and when a workflow starts by itself.
 *
 * @module
 */

import type { Template } from "../expr/expression.ts";
import type { ForEach } from "./tree_calls.ts";
import type { Duration, TaskBase } from "./tree.ts";

/** Emits an event. */
export interface EmitTask extends TaskBase {
  readonly kind: "emit";
  /** Gives the attributes and the data. */
  readonly event: Template;
}

/** How much of an event a task sees. */
export type EventReading = "data" | "envelope" | "raw";

/** Waits for events. */
export interface ListenTask extends TaskBase {
  readonly kind: "listen";
  readonly to: Consumption;
  readonly read: EventReading;
  readonly forEach?: ForEach;
}

/** Which events are taken, and when they are enough. */
export type Consumption =
  | { readonly kind: "one"; readonly filter: EventFilter }
  /** One for each filter. */
  | { readonly kind: "all"; readonly filters: readonly EventFilter[] }
  | {
    readonly kind: "any";
    /** Empty means every event. */
    readonly filters: readonly EventFilter[];
    /** Absent means that the first one is enough. */
    readonly until?:
      | { readonly kind: "condition"; readonly condition: Template }
      | { readonly kind: "events"; readonly to: Consumption };
  };

/** Which events are meant. */
export interface EventFilter {
  /** Attributes that it has: constants, regular expressions, expressions. */
  readonly with: readonly (readonly [name: string, value: Template])[];
  readonly correlate: readonly Correlation[];
}

/** What events must have in common. */
export interface Correlation {
  readonly name: string;
  /** Takes the value out of the event. */
  readonly from: Template;
  /** What it must be; absent means that of the first event. */
  readonly expect?: Template;
}

/** A length of time that stands in the definition. */
export type FixedDuration = Extract<Duration, { readonly kind: "fixed" }>;

/** When a workflow starts by itself. */
export type Schedule =
  | { readonly kind: "every"; readonly interval: FixedDuration }
  | {
    readonly kind: "cron";
    readonly expression: string;
    /** Name of the zone that its times are of. */
    readonly timeZone: string;
  }
  | { readonly kind: "after"; readonly delay: FixedDuration }
  | {
    readonly kind: "on";
    readonly to: Consumption;
    readonly read: EventReading;
  };
