import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { createLog, type LogFormat, type LogLevel } from "./log.ts";

/** What a log writes of one line. */
function written(
  format: LogFormat,
  message: string,
  more: {
    readonly fields?: Readonly<Record<string, string | number | undefined>>;
    readonly from?: LogLevel;
    readonly level?: LogLevel;
  } = {},
): string {
  const host = fakeHost();
  const log = createLog(host, { format, level: more.from ?? "debug" });
  log.write(more.level ?? "info", message, more.fields);
  return host.terminal.text("stderr");
}

Deno.test("createLog() writes lines for people, values as words", () => {
  strictEqual(
    written("text", "GetAgent", {
      fields: { code: "ok", detail: 'a "b"\nc', none: undefined, empty: "" },
    }),
    '2026-01-01T00:00:00.000Z INFO  GetAgent code=ok detail="a \\"b\\"\\nc"\n',
  );
});

Deno.test("createLog() writes one object a line for machines", () => {
  const line = written("json", "a\nb", { fields: { duration_ms: 1.5 } });
  deepStrictEqual(JSON.parse(line), {
    time: "2026-01-01T00:00:00.000Z",
    level: "info",
    message: "a\nb",
    duration_ms: 1.5,
  });
  strictEqual(line.indexOf("\n"), line.length - 1);
});

Deno.test("createLog() leaves out what matters less", () => {
  strictEqual(written("text", "x", { from: "warn", level: "info" }), "");
  match(written("text", "x", { from: "warn", level: "error" }), /ERROR x/);
});

Deno.test("createLog() lets nobody write a line of its own", () => {
  const line = written("text", "x\n2026 ERROR y", {
    fields: { peer: "a\n2026 ERROR z" },
  });
  strictEqual(line.trimEnd().split("\n").length, 1);
});

Deno.test("createLog() puts a stack below its line, and cuts it", () => {
  const stack = `Error: x\n    at y${"z".repeat(10_000)}`;
  const lines = written("text", "failed", { fields: { stack } }).split("\n");
  strictEqual(lines[1], "    Error: x");
  strictEqual(JSON.stringify(lines).length < 9000, true);
});

Deno.test("createLog() does not fail where nothing can be written", () => {
  const host = fakeHost();
  const terminal = {
    ...host.terminal,
    write() {
      throw new Error("No space left");
    },
  };
  const log = createLog({ ...host, terminal }, {
    format: "text",
    level: "info",
  });
  log.write("error", "x");
});

Deno.test("createLog() shows no half of a token where it cuts", () => {
  const token = `stg_${"a".repeat(49)}`;
  for (const format of ["text", "json"] as const) {
    const detail = `${"x".repeat(8000 - 40)}${token}`;
    const line = written(format, "m", { fields: { detail } });
    strictEqual(line.includes("aaaa"), false);
    match(line, /stg_\*\*\*/);
  }
});

Deno.test("createLog() lets nothing in a message or a stack look like a line of its own", () => {
  const forged = "2026-01-01T00:00:00.000Z INFO  GetAgent code=ok";
  const line = written("text", `a\r\n${forged}\x1b[2K`, {
    fields: { stack: `Error: a\n${forged}\r${forged}\x1b[2K\n  at b` },
  });
  const [first = "", ...rest] = line.trimEnd().split("\n");
  match(first, /^\S+ INFO {2}a 2026/);
  for (const it of rest) match(it, /^ {4}/);
  for (const it of ["\r", "\x1b"]) strictEqual(line.includes(it), false);
});

Deno.test("createLog() writes lines that come one on the other together", () => {
  const host = fakeHost();
  const written: string[] = [];
  const terminal = {
    ...host.terminal,
    write(_: string, text: string | Uint8Array) {
      written.push(String(text));
      return true;
    },
  };
  const log = createLog({ ...host, terminal }, {
    format: "text",
    level: "info",
  });
  const messages = (): string[] =>
    written.map((it) => it.replaceAll(/\S+ (?:INFO|WARN) +|\n/g, ""));
  for (const it of ["a", "b", "c"]) log.write("info", it);
  deepStrictEqual(messages(), ["a"]);
  host.clock.advance(50);
  deepStrictEqual(messages(), ["a", "bc"]);
  log.write("info", "d");
  log.write("warn", "e");
  deepStrictEqual(messages(), ["a", "bc", "de"]);
  log.write("info", "f");
  log[Symbol.dispose]();
  deepStrictEqual(messages(), ["a", "bc", "de", "f"]);
  host.clock.advance(1000);
  log.write("info", "g");
  deepStrictEqual(messages().at(-1), "g");
  for (let i = 0; i < 20; i++) log.write("info", "x".repeat(7000));
  deepStrictEqual(written.slice(5).map((it) => it.length > 64 * 1024), [
    true,
    true,
  ]);
  log[Symbol.dispose]();
});
