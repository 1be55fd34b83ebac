/**
 * The context of a command in tests: a machine of memory, real streams and
 * settings.
 *
 * @module
 */

import { type FakeHost, fakeHost, type FakeHostOptions } from "../host/fake.ts";
import type { Context } from "./context.ts";
import { GLOBAL_OPTIONS } from "./globals.ts";
import { createIo } from "./io.ts";
import { globalValues, splitOptions } from "./parse.ts";
import { resolveSettings } from "./settings.ts";

/** A context whose host a test can look at and move. */
export interface FakeContext extends Context {
  readonly host: FakeHost;
}

/** Makes the context of a command line, as `-o json --quiet`. */
export async function fakeContext(
  line: string,
  options: FakeHostOptions = {},
): Promise<FakeContext> {
  const user = options.os === "windows"
    ? { USERPROFILE: "C:\\Users\\user" }
    : { HOME: "/home/user" };
  const env = { ...user, TERM: "xterm", ...options.env };
  const host = fakeHost({ ...options, env });
  const words = line === "" ? [] : line.split(" ");
  const { options: flags } = splitOptions(words, GLOBAL_OPTIONS);
  const settings = await resolveSettings(host, globalValues(flags));
  return {
    host,
    settings,
    io: createIo(host, settings),
    command: "test",
    signal: new AbortController().signal,
  };
}
