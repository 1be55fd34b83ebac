/**
 * The whole of a terminal, drawn over itself; what was there before is there
 * again in the end.
 *
 * @module
 */

import type { Suspension } from "../host/host.ts";
import { openRegion, type Region, type RegionTerminal } from "./region.ts";

const OTHER_SCREEN = "\x1b[?1049h\x1b[H\x1b[J";
const MAIN_SCREEN = "\x1b[?1049l";
const CLEARED = "\x1b[H\x1b[J";

const NEVER: Suspension = { tellsOfStops: true, [Symbol.dispose]() {} };

/** A terminal of which all is drawn. */
export interface FullScreen extends Disposable {
  readonly columns: number;
  readonly rows: number;
  draw(lines: readonly string[]): void;
}

/** Takes the screen, until it is disposed of. */
export function openFullScreen(terminal: RegionTerminal): FullScreen {
  // Ctrl-Z is a key like others here.
  const screen: RegionTerminal = { ...terminal, onSuspend: () => NEVER };
  let region: Region = openRegion(screen, "stdout");
  const size = (): string => `${terminal.columns()} ${terminal.rows()}`;
  let drawnSize = size();
  let isOpen = true;
  terminal.write("stdout", OTHER_SCREEN);
  return {
    get columns() {
      return region.columns;
    },
    get rows() {
      return region.rows;
    },
    draw(lines) {
      if (!isOpen) return;
      if (drawnSize !== size()) {
        // What each terminal makes of its lines then, nobody knows.
        terminal.write("stdout", CLEARED);
        region[Symbol.dispose]();
        region = openRegion(screen, "stdout");
        drawnSize = size();
      }
      region.draw(lines);
    },
    [Symbol.dispose]() {
      if (!isOpen) return;
      isOpen = false;
      region[Symbol.dispose]();
      terminal.write("stdout", MAIN_SCREEN);
    },
  };
}
