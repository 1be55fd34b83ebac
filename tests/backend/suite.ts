/**
 * What the tests of backends have in common: a home, a client and checks.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { toStigmerError } from "../../src/backend/errors.ts";
import type { Backend, BackendClient } from "../../src/backend/open.ts";
import type { ErrorCode, StigmerError } from "../../src/model/error.ts";
import { BACKENDS } from "./backends.ts";

// The keychain of whoever runs the tests is not theirs to fill.
Deno.env.set("STIGMER_KEY_SOURCE", "key-file");

/** Instructions that an agent may have. */
export const INSTRUCTIONS = "You answer briefly and to the point.";

/** A folder that is removed with what is in it. */
export function temporaryHome(): { readonly path: string } & AsyncDisposable {
  const path = Deno.makeTempDirSync();
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** Runs a test against every backend, each time in a new home. */
export function suite(
  claim: string,
  body: (client: BackendClient, home: string) => Promise<void>,
): void {
  for (const [name, open] of Object.entries(BACKENDS)) {
    Deno.test(`${name}: ${claim}`, async () => {
      await using home = temporaryHome();
      await using backend = await open(home.path);
      await body(backend.client, home.path);
    });
  }
}

/** Backends that run what they are given; the same server, wherever it listens. */
const RUNNING = ["local", "cloud over TLS"] as const;

/**
 * Runs a test against the backends, each of which runs what it is given, and
 * each time in a new home.
 */
export function runningSuite(
  claim: string,
  body: (
    backend: Backend,
    home: { readonly path: string },
  ) => Promise<void>,
): void {
  for (const name of RUNNING) {
    Deno.test(`${name}: ${claim}`, async () => {
      await using home = temporaryHome();
      await using backend = await BACKENDS[name](home.path, { execute: "own" });
      await body(backend, home);
    });
  }
}

/** Says as whom a client calls. */
export async function identityOf(client: BackendClient): Promise<string> {
  const { identity } = await client.getBackendInfo({});
  assert.match(identity, /^(local-user|token:suite-.+)$/);
  return identity;
}

/** Checks that a call fails, and gives its error. */
export async function fails(
  call: Promise<unknown>,
  code: ErrorCode,
  text: RegExp = /./,
): Promise<StigmerError> {
  try {
    await call;
  } catch (thrown) {
    const error = toStigmerError(thrown);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, text);
    assert.doesNotMatch(error.message, /\.$|\n\s+at /);
    return error;
  }
  return assert.fail(`the call gave no ${code}`);
}

/** A process that runs one of the scripts in `children/`. */
export function childOf(
  script: string,
  args: readonly string[],
  options: {
    readonly flags?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Deno.Command {
  const file = fileURLToPath(new URL(`./children/${script}`, import.meta.url));
  const flags = options.flags ?? ["-A"];
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", ...flags, file, ...args],
    env: { ...options.env },
    stdout: "piped",
    stderr: "piped",
  });
}
