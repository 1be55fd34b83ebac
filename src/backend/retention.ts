/**
 * GetRetention and SetRetention: how long things are kept.
 *
 * @module
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Duration, timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import type { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type {
  Retention,
  RetentionSchema,
} from "../../gen/stigmer/backend/v1/operations_pb.ts";
import { invalidArgument } from "../model/error.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import {
  RETENTION_MS_MAX,
  RETENTION_MS_MIN,
  RETENTION_VERSIONS_MAX,
  type RetentionRule,
} from "../model/retention.ts";
import type { Database } from "../store/driver.ts";
import { readSetting, writeSetting } from "../store/settings.ts";
import { noteAudit } from "./audit_events.ts";
import type { ServiceDeps } from "./deps.ts";
import { durationMessage, durationMs } from "./proto_json.ts";

/** The RPCs of retention. */
export type RetentionService = Pick<
  ServiceImpl<typeof BackendService>,
  "getRetention" | "setRetention"
>;

/** Name of the setting that keeps the rule. */
const RETENTION = "retention";
/** Name of the setting that keeps when garbage was last collected. */
const COLLECTED = "garbage";
const MS = 1000;

/** Makes the RPCs of retention. */
export function retentionService(deps: ServiceDeps): RetentionService {
  const { host, store: { database } } = deps;
  return {
    getRetention: () => {
      const collectedAtMs = collectedAt(database);
      return {
        retention: retentionMessage(readRetention(database)),
        ...(collectedAtMs === undefined
          ? {}
          : { collectedAt: timestampFromMs(collectedAtMs) }),
      };
    },
    setRetention: ({ retention }, context) => {
      const rule = ruleOf(retention);
      database.transaction(() => {
        writeSetting(database, RETENTION, {
          value: { ...rule },
          nowMs: host.clock.now(),
          identity: deps.identity,
        });
        noteAudit(deps, context, {
          action: "retention",
          subject: "",
          detail: ruleText(rule),
        });
      });
      return { retention: retentionMessage(rule) };
    },
  };
}

/** The rule that is set; where none is, all is kept for good. */
export function readRetention(database: Database): RetentionRule {
  const value = readSetting(database, RETENTION)?.value ?? {};
  return {
    ...numberIn(value, "executionsMs"),
    ...numberIn(value, "journalsMs"),
    ...numberIn(value, "artifactsMs"),
    ...numberIn(value, "versions"),
    ...numberIn(value, "eventsMs"),
    ...numberIn(value, "auditMs"),
  };
}

/** A rule in the words of the audit. */
export function ruleText(rule: RetentionRule): string {
  return Object.entries(rule).map(([name, value]) => `${name}=${value}`)
    .join(", ");
}

/** When garbage was last collected; `undefined` for never. */
export function collectedAt(database: Database): number | undefined {
  return readSetting(database, COLLECTED)?.updatedAtMs;
}

/** Notes that garbage was collected. */
export function noteCollected(
  { host, store, identity }: Pick<ServiceDeps, "host" | "store" | "identity">,
): void {
  writeSetting(store.database, COLLECTED, {
    value: null,
    nowMs: host.clock.now(),
    identity,
  });
}

/**
 * Reads a rule out of a message.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for a time or a count that is none.
 */
export function ruleOf(message: Retention | undefined): RetentionRule {
  if (message === undefined) return {};
  const { versions } = message;
  if (versions > RETENTION_VERSIONS_MAX) {
    throw outOfRange("versions", `${versions}`, `${RETENTION_VERSIONS_MAX}`);
  }
  return {
    ...timeIn("executions", message.executions),
    ...timeIn("journals", message.journals),
    ...timeIn("artifacts", message.artifacts),
    ...timeIn("events", message.events),
    ...timeIn("audit", message.audit),
    ...(versions === 0 ? {} : { versions }),
  };
}

type TimeName = "executions" | "journals" | "artifacts" | "events" | "audit";

function timeIn(
  name: TimeName,
  duration: Duration | undefined,
): RetentionRule {
  const ms = durationMs(duration);
  const isNegative = (duration?.seconds ?? 0n) < 0n ||
    (duration?.nanos ?? 0) < 0;
  if (isNegative) throw outOfRange(name, "a negative time", "a hundred years");
  if (ms === undefined) return {};
  if (ms < RETENTION_MS_MIN || ms > RETENTION_MS_MAX) {
    throw outOfRange(name, `${ms / MS} s`, "a hundred years");
  }
  return { [`${name}Ms`]: ms };
}

function outOfRange(name: string, value: string, max: string): Error {
  const least = name === "versions" ? "1" : "a second";
  return invalidArgument(
    `Cannot keep "${name}" for ${value}: give ${least} to ${max}, or ` +
      "nothing to keep all of it",
  );
}

function retentionMessage(
  rule: RetentionRule,
): MessageInitShape<typeof RetentionSchema> {
  return {
    versions: rule.versions ?? 0,
    ...messageTime("executions", rule.executionsMs),
    ...messageTime("journals", rule.journalsMs),
    ...messageTime("artifacts", rule.artifactsMs),
    ...messageTime("events", rule.eventsMs),
    ...messageTime("audit", rule.auditMs),
  };
}

function messageTime(
  name: TimeName,
  ms: number | undefined,
): Partial<Record<TimeName, Duration>> {
  return ms === undefined ? {} : { [name]: durationMessage(ms) };
}

function numberIn(value: Json, name: keyof RetentionRule): RetentionRule {
  const number = isJsonObject(value) ? member(value, name) : undefined;
  return typeof number === "number" ? { [name]: number } : {};
}
