import { deepStrictEqual, match, ok, rejects } from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import { StigmerError } from "../model/error.ts";
import { tryExecutable } from "./trial.ts";

const ignore = Deno.build.os !== "linux";
const signal = new AbortController().signal;

Deno.test({
  name: "tryExecutable() waits until nobody has the file open for writing",
  ignore,
  async fn() {
    await using program = await newProgram();
    const writer = await Deno.open(program.path, { append: true });
    const host = systemHost();
    let starts = 0;
    const { processes, clock } = host;
    const watched: typeof processes = {
      ...processes,
      spawn(options) {
        // The first is refused, and sees to it that a later one is not.
        if (starts++ === 1) writer.close();
        return processes.spawn(options);
      },
    };
    await tryExecutable({ processes: watched, clock }, {
      path: program.path,
      version: "1.2.3",
    }, signal);
    deepStrictEqual(starts, 2);
  },
});

Deno.test({
  name: "tryExecutable() gives up on a file that stays open for writing",
  ignore,
  async fn() {
    await using program = await newProgram();
    using _writer = await Deno.open(program.path, { append: true });
    const of = { path: program.path, version: "1.2.3" };
    await rejects(tryExecutable(systemHost(), of, signal), (error) => {
      ok(error instanceof StigmerError);
      match(error.message, /^The new program does not run on this machine: /);
      match(error.message, /busy/i);
      return true;
    });
  },
});

Deno.test({
  name: "tryExecutable() refuses a program that says another version",
  ignore,
  async fn() {
    await using program = await newProgram();
    const of = { path: program.path, version: "1.2.4" };
    await rejects(
      tryExecutable(systemHost(), of, signal),
      /it is not version 1\.2\.4/,
    );
  },
});

/** A program that says it is 1.2.3. */
async function newProgram(): Promise<AsyncDisposable & { path: string }> {
  const folder = await Deno.makeTempDir({ prefix: "stigmer-trial-" });
  const path = `${folder}/stigmer`;
  await Deno.writeTextFile(path, "#!/bin/sh\necho 1.2.3\n", { mode: 0o755 });
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
