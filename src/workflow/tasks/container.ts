/**
 * `run: {container}`: runs a container with the engine of the host.
 *
 * @module
 */

import type { Template } from "../../expr/expression.ts";
import { type JsonObject, member } from "../../model/json.ts";
import type { Place } from "../context.ts";
import { readTemplate } from "../data_flow.ts";
import {
  checkKeys,
  placeOf,
  readChoice,
  readObject,
  readString,
  reportError,
} from "../fields.ts";
import { readDuration } from "../times.ts";
import type { ContainerTask } from "../tree_runs.ts";
import {
  PROCESS_INSTEAD,
  PROCESS_KEYS,
  readProcess,
  readTexts,
} from "./_process.ts";
import type { Runnable } from "./run.ts";

/** A port, or an address and a port, as engines take it. */
const HOST_PORT = /^(?:(?:[\d.]+|\[[\da-fA-F:]+\]):)?\d{1,5}(?:-\d{1,5})?$/;

/** Reads the container of a `run` task. */
export function readContainer(
  container: JsonObject,
  place: Place,
): Runnable<ContainerTask> {
  checkKeys(container, place, {
    known: [
      "image",
      "name",
      "command",
      "ports",
      "volumes",
      "lifetime",
      "pullPolicy",
      ...PROCESS_KEYS,
    ],
    required: ["image"],
    what: "a container",
    instead: {
      ...PROCESS_INSTEAD,
      cmd: "command",
      cleanup: "lifetime.cleanup",
      pull: "pullPolicy",
    },
  });
  const text = (key: string): Template | undefined => {
    const at = placeOf(place, key);
    return readTemplate(readString(member(container, key), at), at);
  };
  const [containerName, command] = [text("name"), text("command")];
  return {
    kind: "container",
    image: text("image") ?? { kind: "literal", value: "" },
    ...(containerName === undefined ? {} : { containerName }),
    ...(command === undefined ? {} : { command }),
    ...readMappings(container, place),
    ...readProcess(container, place),
    ...readLifetime(container, placeOf(place, "lifetime")),
    pullPolicy: readChoice(
      member(container, "pullPolicy"),
      placeOf(place, "pullPolicy"),
      ["ifNotPresent", "always", "never"],
    ) ?? "ifNotPresent",
  };
}

function readMappings(
  container: JsonObject,
  place: Place,
): Pick<ContainerTask, "ports" | "volumes"> {
  const ports = readTexts(container, place, {
    key: "ports",
    isName: (name) => HOST_PORT.test(name),
    wrong: (name) =>
      `Port "${name}" must be one of the host, with that of the container ` +
      "after it",
  });
  const volumes = readTexts(container, place, {
    key: "volumes",
    isName: (name) => name !== "" && !/[\0]/.test(name),
    wrong: (name) =>
      `Volume "${name}" must be a path of the host, with that of the ` +
      "container after it",
  });
  return {
    ...(ports === undefined ? {} : { ports }),
    ...(volumes === undefined ? {} : { volumes }),
  };
}

function readLifetime(
  container: JsonObject,
  place: Place,
): Pick<ContainerTask, "cleanup" | "cleanupAfter"> {
  const lifetime = readObject(member(container, "lifetime"), place);
  if (lifetime === undefined) return { cleanup: "never" };
  checkKeys(lifetime, place, {
    known: ["cleanup", "after"],
    required: ["cleanup"],
    what: "the lifetime of a container",
  });
  const cleanup = readChoice(
    member(lifetime, "cleanup"),
    placeOf(place, "cleanup"),
    ["always", "never", "eventually"],
  ) ?? "never";
  const at = placeOf(place, "after");
  const after = readDuration(member(lifetime, "after"), at);
  const isGiven = member(lifetime, "after") !== undefined;
  if (cleanup === "eventually" && !isGiven) {
    reportError(place, {
      message: 'A cleanup that comes eventually needs "after"',
      hint: "Write it as {cleanup: eventually, after: {minutes: 30}}",
    });
  } else if (cleanup !== "eventually" && isGiven) {
    reportError(at, {
      atKey: true,
      message: '"after" counts only for "cleanup: eventually"',
    });
  }
  return {
    cleanup,
    ...(after === undefined ? {} : { cleanupAfter: after }),
  };
}
