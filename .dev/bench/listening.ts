/**
 * Programs that listen, as processes that measurements call.
 *
 * @module
 */

/** A program that listens. */
export interface Listening extends AsyncDisposable {
  readonly pid: number;
  /** As `http://127.0.0.1:PORT`. */
  readonly url: string;
}

/** How long a program may take until it listens. */
const START_MS = 20_000;
const LOOK_MS = 20;

/**
 * Starts a program of Deno and waits until it says where it listens. What it
 * says goes to a file, as it does where servers are kept: a pipe would cost
 * who measures as much as the program.
 */
export async function startListening(
  args: readonly string[],
  { home }: { readonly home: string },
): Promise<Listening> {
  const log = await Deno.makeTempFile({ dir: home, suffix: ".log" });
  const child = new Deno.Command("sh", {
    args: ["-c", 'exec "$0" "$@" 2>"$LOG"', Deno.execPath(), ...args],
    env: { STIGMER_HOME: home, LOG: log, NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
  }).spawn();
  async function end(): Promise<void> {
    try {
      child.kill("SIGTERM");
    } catch {
      // It ended by itself.
    }
    await child.status;
  }
  const untilMs = performance.now() + START_MS;
  for (;;) {
    const said = await Deno.readTextFile(log);
    const url = /Listening on (http:\S+)/.exec(said)?.[1];
    if (url !== undefined) {
      return { pid: child.pid, url, [Symbol.asyncDispose]: end };
    }
    if (performance.now() > untilMs) {
      await end();
      throw new Error(`It does not listen: ${args.join(" ")}\n${said}`);
    }
    await new Promise((go) => setTimeout(go, LOOK_MS));
  }
}
