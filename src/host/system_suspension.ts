/**
 * Stops by Ctrl-Z: the terminal is given back first, and taken again after.
 *
 * A program that hears SIGTSTP is not stopped by it, and has to stop itself,
 * for which it needs the right to run programs. Where no shell controls jobs
 * nobody would have it go on: there Ctrl-Z does nothing, as ever.
 *
 * @module
 */

import type { AroundStop } from "./host.ts";
import { OS } from "./os.ts";

/**
 * Hears of stops until it is disposed of.
 *
 * @param tellsOfStops Whether this process may stop itself, and so be told.
 */
export function listenForStops(
  { stop, go }: AroundStop,
  tellsOfStops: boolean,
): Disposable {
  let isStopped = false;
  const stopNow = (): void => {
    if (!hasJobControl()) return;
    isStopped = true;
    stop();
    Deno.kill(Deno.pid, "SIGSTOP");
  };
  const goOn = (): void => {
    // Who was stopped by others than a shell has the terminal as it was.
    if (tellsOfStops && !isStopped) return;
    isStopped = false;
    go();
  };
  if (tellsOfStops) Deno.addSignalListener("SIGTSTP", stopNow);
  Deno.addSignalListener("SIGCONT", goOn);
  return {
    [Symbol.dispose]() {
      if (tellsOfStops) Deno.removeSignalListener("SIGTSTP", stopNow);
      Deno.removeSignalListener("SIGCONT", goOn);
    },
  };
}

/** Whether a shell put this process into a group of its own, as a job. */
function hasJobControl(): boolean {
  return OS !== "linux" || isJob(statOfSelf());
}

/**
 * Says whether a line of `/proc/PID/stat` is of a job: the group that leads the
 * session is the shell's own. One that cannot be read is taken for a job's.
 */
export function isJob(stat: string): boolean {
  // What the program is called stands in parentheses, and may hold anything.
  const [, , group, session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return group === undefined || group !== session;
}

/** Deno reads nothing below `/proc`; another program has group and session alike. */
function statOfSelf(): string {
  try {
    const cat = new Deno.Command("cat", {
      args: ["/proc/self/stat"],
      stdin: "null",
      stderr: "null",
    });
    return new TextDecoder().decode(cat.outputSync().stdout);
  } catch {
    return "";
  }
}
