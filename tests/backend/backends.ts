/**
 * The backends that the suite runs against, one line each.
 *
 * @module
 */

import { type Backend, openBackend } from "../../src/backend/open.ts";

/** Opens the backend that keeps everything in a home folder. */
export type OpenHome = (home: string) => Promise<Backend>;

/** Every backend by its name; each must answer the same. */
export const BACKENDS: Readonly<Record<string, OpenHome>> = {
  local: openHome,
};

/** Opens the local backend of a home folder; executions stay as they are. */
export function openHome(home: string): Promise<Backend> {
  return openBackend({ home, execute: "none" });
}
