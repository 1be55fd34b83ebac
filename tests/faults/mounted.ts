/**
 * A server whose home is a file system of its own, small or read-only, that
 * nobody else sees.
 *
 * @module
 */

import type { Place } from "../cli/program.ts";
import { freePort } from "./server_process.ts";
import { PROGRAM_LINE } from "../stigmer_program.ts";

/** A server with its own file system. */
export interface MountedServer extends AsyncDisposable {
  readonly port: number;
  /** Its home, as others see it while it runs. */
  readonly home: string;
  /** What it has said so far. */
  readonly said: () => string;
  /** Resolves with its exit code. */
  readonly ended: Promise<number>;
  /** Runs a command where the server sees its home. */
  inside(command: string): Promise<void>;
}

/** Says whether this machine lets one mount what nobody else sees. */
export async function canMount(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  const probe = new Deno.Command("unshare", {
    args: ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
    stderr: "null",
  });
  try {
    return (await probe.output()).success;
  } catch {
    return false; // There is no such program.
  }
}

/** Starts a server on a file system of that many MiB. */
export async function startMounted(
  place: Place,
  { sizeMib }: { readonly sizeMib: number },
): Promise<MountedServer> {
  await Deno.mkdir(place.home, { mode: 0o700 });
  const port = freePort();
  const script = `mount -t tmpfs -o size=${sizeMib}m,mode=700 tmpfs "$HOME_DIR"
exec ${PROGRAM_LINE} server --insecure --rate-limit 0 --log-level warn --listen 127.0.0.1:${port}`;
  const child = new Deno.Command("unshare", {
    args: ["-rm", "bash", "-ec", script],
    env: {
      HOME_DIR: place.home,
      STIGMER_HOME: place.home,
      STIGMER_KEY_SOURCE: "key-file",
      NO_COLOR: "1",
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  let text = "";
  const hearing = (async () => {
    const lines = child.stderr.pipeThrough(new TextDecoderStream());
    for await (const piece of lines) {
      text += piece;
      if (text.includes("everyone on this machine")) resolve();
    }
    reject(new Error(text));
  })();
  const ended = (async () => {
    const { code } = await child.status;
    await hearing;
    return code;
  })();
  await listening;
  return {
    port,
    home: `/proc/${child.pid}/root${place.home}`,
    said: () => text,
    ended,
    async inside(command) {
      const { code, stderr } = await new Deno.Command("nsenter", {
        args: [`--target=${child.pid}`, "-U", "-m", "bash", "-ec", command],
        env: { HOME_DIR: place.home },
      }).output();
      if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
    },
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It ended by itself.
      }
      await ended;
    },
  };
}
