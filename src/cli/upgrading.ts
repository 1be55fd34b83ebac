/**
 * Brings this program up to date, when somebody asks for it.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import { VERSION } from "../model/version.ts";
import { parseReleasesUrl, RELEASES_URL_DEFAULT } from "../release/address.ts";
import { checkRelease } from "../release/check.ts";
import { RELEASE_KEYS, type ReleaseKey } from "../release/keys.ts";
import {
  upgrade,
  type Upgraded,
  type UpgradeStep,
} from "../release/upgrade.ts";
import type { Ending } from "./command.ts";
import type { Context } from "./context.ts";
import { sizeText } from "../model/size_text.ts";
import { fileErrorOf } from "./file_error.ts";
import { stoppable } from "./stoppable.ts";
import { showJson } from "./view.ts";

/** What the command line says. */
export interface UpgradeCommandOptions {
  readonly check: boolean;
  readonly version: string | undefined;
  readonly allowDowngrade: boolean;
  readonly dryRun: boolean;
  readonly from: string | undefined;
}

/** What the program is. */
export interface Program {
  readonly version: string;
  readonly keys: readonly ReleaseKey[];
}

const THIS_PROGRAM: Program = { version: VERSION, keys: RELEASE_KEYS };
const WHOLE = 100;

/** Looks for a newer release, or puts one in the place of this program. */
export async function upgradeProgram(
  context: Context,
  options: UpgradeCommandOptions,
  program: Program = THIS_PROGRAM,
): Promise<Ending> {
  refuseTogether(options);
  const base = releasesUrl(context, options.from);
  return await stoppable(
    context,
    async (context) =>
      options.check
        ? await check(context, base, program)
        : await replace(context, { base, program, options }),
    "Stopped: nothing was changed",
  );
}

function refuseTogether(options: UpgradeCommandOptions): void {
  if (!options.check) return;
  const other = options.version !== undefined
    ? "--version"
    : options.allowDowngrade
    ? "--allow-downgrade"
    : options.dryRun
    ? "--dry-run"
    : undefined;
  if (other === undefined) return;
  throw invalidArgument(`Option "--check" does not go with "${other}"`, {
    hints: ["--check looks for the latest release and changes nothing"],
  });
}

function releasesUrl({ host }: Context, from: string | undefined): string {
  if (from !== undefined) return parseReleasesUrl(from, 'Option "--from"');
  const name = "STIGMER_RELEASES_URL";
  const set = host.env.get(name) ?? "";
  return set === ""
    ? RELEASES_URL_DEFAULT
    : parseReleasesUrl(set, `Variable "${name}"`);
}

async function check(
  context: Context,
  base: string,
  program: Program,
): Promise<Ending> {
  const { host, io, signal } = context;
  const { version: current, keys } = program;
  const found = await checkRelease({ host, signal, base, keys, current });
  const { latest, isNewer, way } = found;
  if (io.format === "name") io.data(latest);
  else if (io.format !== "table" && io.format !== "wide") {
    await showJson(context, { ...found });
  } else if (isNewer) {
    io.data(`Stigmer ${latest} is there, this is ${current}`);
    io.note(`Hint: ${way}`);
  } else io.data(`Stigmer ${current} is up to date, the latest is ${latest}`);
  return isNewer ? "newer" : "ok";
}

async function replace(
  context: Context,
  given: {
    readonly base: string;
    readonly program: Program;
    readonly options: UpgradeCommandOptions;
  },
): Promise<Ending> {
  const { host, signal } = context;
  const { base, program, options } = given;
  const { version } = options;
  const show = stepsOf(context);
  try {
    const upgraded = await upgrade({
      host,
      signal,
      base,
      keys: program.keys,
      current: program.version,
      ...(version === undefined
        ? {}
        : { version: version.replace(/^v(?=\d)/, "") }),
      allowDowngrade: options.allowDowngrade,
      dryRun: options.dryRun,
      onStep: show.step,
    });
    await tell(context, upgraded);
    return "ok";
  } catch (error) {
    show.clear();
    throw fileErrorOf(error, "Cannot replace this program") ?? error;
  }
}

/** Says each step on stderr; how far a download is, in a terminal alone. */
function stepsOf(
  { host, io }: Context,
): { readonly step: (step: UpgradeStep) => void; readonly clear: () => void } {
  let shown = "";
  let begun = false;
  const draw = (text: string): void => {
    if (!io.live || io.quiet || text === shown) return;
    shown = text;
    host.terminal.write("stderr", `\r\x1b[K${text}`);
  };
  const clear = (): void => draw("");
  const note = (text: string): void => {
    clear();
    io.note(text);
  };
  function step(step: UpgradeStep): void {
    switch (step.kind) {
      case "found":
        return note(`Found ${step.version}, signed by key ${step.key}`);
      case "downloading": {
        const { name, receivedBytes, totalBytes } = step;
        const size = totalBytes === undefined
          ? ""
          : ` of ${sizeText(totalBytes)}`;
        if (!begun) note(`Downloading ${name}${size.replace(" of", ",")}`);
        begun = true;
        const share = totalBytes === undefined
          ? sizeText(receivedBytes)
          : `${Math.floor(receivedBytes / totalBytes * WHOLE)} %`;
        return draw(`${share}${size}`);
      }
      case "downloaded":
        return clear();
      case "verified":
        return note(`Verified the checksum of ${step.name}`);
      case "unpacked":
      case "replaced":
        return;
      case "tried":
        return note(`Tried it: it runs here and is ${step.version}`);
    }
  }
  return { step, clear };
}

async function tell(context: Context, upgraded: Upgraded): Promise<void> {
  const { io } = context;
  const { outcome, from, to, path, asset } = upgraded;
  if (io.format === "name") return io.data(to);
  if (io.format !== "table" && io.format !== "wide") {
    return await showJson(context, { ...upgraded });
  }
  if (io.quiet) return;
  switch (outcome) {
    case "current":
      return io.data(`Stigmer ${from} is what runs already`);
    case "planned":
      return io.data(
        `Would replace "${path}", ${from}, by ${to} from ${asset}`,
      );
    case "replaced":
      return io.data(`Replaced "${path}", ${from}, by ${to}`);
  }
}
