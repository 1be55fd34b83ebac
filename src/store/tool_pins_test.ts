import { deepEqual, equal } from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import { openStore } from "./open.ts";
import {
  countToolPins,
  isUseStale,
  noteToolUse,
  pinAnew,
  pinFirstUse,
  removeToolPin,
  type ToolPinRow,
  toolPins,
} from "./tool_pins.ts";

function rowOf(tool: string, description: string, server = "catalog x") {
  const row: ToolPinRow = {
    server,
    tool,
    hash: description.padEnd(64, "0"),
    definition: { name: tool, description },
    pinnedAtMs: 1_700_000_000_000,
    pinnedBy: "ada",
  };
  return row;
}

Deno.test("the first use pins a tool, and only a person pins it anew", () => {
  const folder = Deno.makeTempDirSync();
  try {
    using store = openStore(`${folder}/db`, { host: systemHost() });
    const { database } = store;
    const first = rowOf("b", "first");
    equal(pinFirstUse(database, first), true);
    equal(pinFirstUse(database, rowOf("b", "second")), false);
    equal(pinFirstUse(database, rowOf("a", "other")), true);
    equal(pinFirstUse(database, rowOf("b", "elsewhere", "http y")), true);
    deepEqual(toolPins(database, "catalog x"), [rowOf("a", "other"), first]);
    pinAnew(database, rowOf("b", "second"));
    deepEqual(toolPins(database, "catalog x")[1], rowOf("b", "second"));
    equal(countToolPins(database, "catalog x"), 2);
    equal(countToolPins(database, "nowhere"), 0);
    equal(removeToolPin(database, "catalog x", "b"), true);
    equal(removeToolPin(database, "catalog x", "b"), false);
    deepEqual(toolPins(database, "http y").length, 1);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("that a server is used is noted about once a day", () => {
  const folder = Deno.makeTempDirSync();
  try {
    using store = openStore(`${folder}/db`, { host: systemHost() });
    const { database } = store;
    const { server, pinnedAtMs } = rowOf("a", "one");
    pinAnew(database, rowOf("a", "one"));
    const isStaleAfter = (hours: number): boolean =>
      isUseStale(database, server, pinnedAtMs + hours * 3_600_000);
    equal(isStaleAfter(23), false);
    equal(isStaleAfter(25), true);
    noteToolUse(database, server, pinnedAtMs + 25 * 3_600_000);
    equal(isStaleAfter(48), false);
    equal(isStaleAfter(50), true);
    equal(isUseStale(database, "nowhere", pinnedAtMs), false);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
