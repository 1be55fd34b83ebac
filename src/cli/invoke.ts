/**
 * Runs a command with its settings, its streams and its time limit.
 *
 * @module
 */

import type { Host, PermissionName } from "../host/host.ts";
import { StigmerError } from "../model/error.ts";
import type {
  Arguments,
  ArgumentValues,
  Command,
  Ending,
  Options,
  OptionValues,
} from "./command.ts";
import { formatLimit } from "./duration.ts";
import { globalOptionsOf, type GlobalValues } from "./globals.ts";
import { importUnseen } from "../model/unseen.ts";
import { createIo, type Io } from "./io.ts";
import type { Picking } from "./output/picker.ts";
import {
  globalValues,
  type ParsedLine,
  parseLine,
  withUsageHint,
} from "./parse.ts";
import { giveUpRest, isProgram } from "./permissions.ts";
import { resolveSettings } from "./settings.ts";

/**
 * Parses the words of a command, its own options and the global ones.
 *
 * @throws {StigmerError} With a hint at the help of the command.
 */
export function parseCommand(
  words: readonly string[],
  named: { readonly name: string; readonly command: Command },
): ParsedLine {
  const { command, name } = named;
  return withUsageHint(name, () =>
    parseLine(words, {
      arguments: command.arguments,
      options: { ...command.options, ...globalOptionsOf(command) },
    }));
}

/** Runs a command that was parsed. */
export async function invoke(
  host: Host,
  found: {
    readonly name: string;
    readonly command: Command;
    readonly parsed: ParsedLine;
  },
): Promise<Ending> {
  const { command, name } = found;
  const typed = globalValues(found.parsed.options);
  const picker = command.writesTo === undefined
    ? await pickerOf(typed.output)
    : undefined;
  const globals = picker === undefined ? typed : { ...typed, output: "json" };
  const form = formOf(command, globals);
  const hasForm = form !== undefined || command.writesTo !== undefined;
  const settings = await resolveSettings(
    host,
    hasForm ? { ...globals, output: undefined } : globals,
    { undemanding: command.undemanding === true },
  );
  await giveUpRest(host, settings, {
    needs: command.needs,
    also: neededBy(command, found.parsed),
  });
  const plain = createIo(host, settings);
  const picked = picker?.(plain);
  const io = picked?.io ?? plain;
  for (const warning of settings.warnings) io.warn(warning);
  const limit = command.timesExecution ? undefined : settings.timeoutMs;
  const deadline = startDeadline(host, name, limit);
  try {
    const context = {
      host,
      io,
      settings,
      command: name,
      signal: deadline.signal,
      ...(form === undefined ? {} : { form }),
    };
    const running = command.run(context, inputOf(found.parsed));
    const ending = await Promise.race([running, deadline.passed]);
    return picked?.endingOf(ending) ?? ending;
  } finally {
    deadline.stop();
  }
}

/** What prints parts of results, where `--output` asks for that. */
async function pickerOf(
  output: string | undefined,
): Promise<((io: Io) => Picking) | undefined> {
  // What prints whole results, as almost always, does not pay for it.
  if (output === undefined || !output.includes("=")) return undefined;
  const { loadPicker, parsePick, picking } = await importUnseen<
    typeof import("./output/picker.ts")
  >("./output/picker.ts", import.meta.url);
  const pick = parsePick(output);
  if (pick === undefined) return undefined;
  const picker = await loadPicker(pick);
  return (io) => picking(io, picker);
}

/** What a command line needs besides what its command does. */
function neededBy(
  { options }: Command,
  parsed: ParsedLine,
): readonly PermissionName[] {
  const isWriting = Object.entries(options).some(([key, spec]) =>
    spec.kind === "value" && spec.isWritten === true &&
    parsed.options[key] !== undefined
  );
  return [
    ...(namesProgram(parsed) ? ["run"] as const : []),
    ...(isWriting ? ["write"] as const : []),
  ];
}

/** Whether a script is named that must be run for what it defines. */
function namesProgram({ args, options }: ParsedLine): boolean {
  const { file } = options;
  return [...Object.values(args), file].flat()
    .some((it) => typeof it === "string" && isProgram(it));
}

/** Chooses among the forms of a command that has its own. */
function formOf(
  { formats, writesTo }: Command,
  { output }: GlobalValues,
): string | undefined {
  if (writesTo !== undefined) return output;
  return formats === undefined ? undefined : output ?? formats[0];
}

/** Takes what was parsed by a command's own specification as its input. */
function inputOf(parsed: ParsedLine): {
  readonly args: ArgumentValues<Arguments>;
  readonly options: OptionValues<Options>;
} {
  return {
    args: parsed.args as ArgumentValues<Arguments>,
    options: parsed.options as OptionValues<Options>,
  };
}

/** Starts the time that a command has. */
function startDeadline(
  host: Host,
  name: string,
  timeoutMs: number | undefined,
): {
  readonly signal: AbortSignal;
  readonly passed: Promise<never>;
  stop(): void;
} {
  const controller = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  // Nobody need wait for it.
  promise.catch(() => {});
  const stop = timeoutMs === undefined
    ? () => {}
    : host.clock.timer(timeoutMs, () => {
      const error = new StigmerError(
        "DEADLINE_EXCEEDED",
        `Gave up "stigmer ${name}" after ${formatLimit(timeoutMs)}`,
        { hints: ["Give it more time with --timeout"] },
      );
      controller.abort(error);
      reject(error);
    });
  return { signal: controller.signal, passed: promise, stop };
}
