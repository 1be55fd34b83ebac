/**
 * Colour, and when to use it.
 *
 * @module
 */

import type { Env } from "../host/host.ts";
import type { ColorMode } from "./globals.ts";

/** Dresses pieces of text; without colour it leaves them as they are. */
export interface Style {
  readonly color: boolean;
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

/** Makes a style. */
export function styleOf(color: boolean): Style {
  const dress = (open: number, close: number) => (text: string): string =>
    color && text !== "" ? `\x1b[${open}m${text}\x1b[${close}m` : text;
  return {
    color,
    bold: dress(1, 22),
    dim: dress(2, 22),
    red: dress(31, 39),
    green: dress(32, 39),
    yellow: dress(33, 39),
    cyan: dress(36, 39),
  };
}

/**
 * Says whether a stream is coloured.
 *
 * A flag decides, then NO_COLOR (any value), then CLICOLOR_FORCE (any value
 * but 0), then the configuration, then whether the stream is a terminal that
 * knows colour.
 */
export function isColored(options: {
  readonly flag: ColorMode | undefined;
  readonly configured: ColorMode | undefined;
  readonly terminal: boolean;
  readonly env: Env;
}): boolean {
  const { flag, configured, env } = options;
  if (flag !== undefined && flag !== "auto") return flag === "always";
  if ((env.get("NO_COLOR") ?? "") !== "") return false;
  const force = env.get("CLICOLOR_FORCE") ?? "";
  if (force !== "" && force !== "0") return true;
  if (flag === undefined && configured !== undefined && configured !== "auto") {
    return configured === "always";
  }
  return options.terminal && env.get("TERM") !== "dumb";
}
