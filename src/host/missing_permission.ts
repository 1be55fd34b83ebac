/**
 * What Deno says where a process may not do something, in words of people.
 *
 * @module
 */

/** A permission that something would have taken. */
export interface MissingPermission {
  /** What this process may not do, as `read "/x"` or `start "git"`. */
  readonly act: string;
  readonly reason: string;
  /** Whether it is a device, or what the system shows as files. */
  readonly isSpecial: boolean;
  /** The way out. */
  readonly hint: string;
}

const MESSAGE_REGEXP =
  /Requires (\w+) access(?: to ("[^"]*"|<\w+>))?, run again with the (--allow-\w+) flag/;

const ACTS: Readonly<Record<string, string>> = {
  read: "read",
  write: "write",
  net: "connect to",
  env: "read the variable",
  run: "start",
  sys: "ask the system for",
  ffi: "load the library",
  import: "import code from",
};

/** Finds which permission was missing; `undefined` for any other error. */
export function missingPermission(
  thrown: unknown,
): MissingPermission | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const found = MESSAGE_REGEXP.exec(thrown.message);
  if (found === null) return undefined;
  const [, name = "", what = "anything", flag = ""] = found;
  // Devices, and what the system shows as files, are kept from all programs
  // that may not do everything.
  const isSpecial = name === "all";
  return {
    act: `${ACTS[name] ?? "use"} ${what}`,
    reason: isSpecial
      ? "that is a place of the system, and no folder or file of yours"
      : "this program was started without the permission for it",
    isSpecial,
    hint: isSpecial ? "Name another place" : `Start it with ${flag}`,
  };
}

const MESSAGES_REGEXP = new RegExp(MESSAGE_REGEXP, "g");

/** Says in words of people what a text has of Deno on permissions. */
export function withPlainPermissions(text: string): string {
  return text.replaceAll(
    MESSAGES_REGEXP,
    (_, name: string, what = "anything", flag: string) =>
      `this program may not ${ACTS[name] ?? "use"} ${what}` +
      (name === "all" ? "" : `, for which it takes ${flag}`),
  );
}
