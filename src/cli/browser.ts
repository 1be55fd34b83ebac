/**
 * Opens a page in the browser of whoever sits at this machine.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { windowsProgram } from "../host/windows_start.ts";

/** What finds a person's own desktop, besides what every child is given. */
const DESKTOP_NAMES = [
  "BROWSER",
  "DBUS_SESSION_BUS_ADDRESS",
  "DISPLAY",
  "WAYLAND_DISPLAY",
  "XAUTHORITY",
  "XDG_CURRENT_DESKTOP",
  "XDG_RUNTIME_DIR",
] as const;

/** What opens a page: a program, never a shell, and of the system where it can. */
function openerOf(
  host: Host,
): { readonly command: string; readonly args: readonly string[] } {
  switch (host.platform.os) {
    case "linux":
      return { command: "xdg-open", args: [] };
    case "darwin":
      return { command: "/usr/bin/open", args: [] };
    case "windows":
      return {
        command: windowsProgram(host.env.get("SYSTEMROOT"), "rundll32.exe"),
        args: ["url.dll,FileProtocolHandler"],
      };
  }
}

/**
 * Opens a page; says whether there is something that opens it.
 *
 * @param url An address that was checked: of `http` or `https`.
 */
export function openBrowser(host: Host, url: URL): boolean {
  const { os } = host.platform;
  const { command, args } = openerOf(host);
  const desktop = Object.fromEntries(
    DESKTOP_NAMES.flatMap((name) => {
      const value = host.env.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const hasDesktop = os !== "linux" || desktop.DISPLAY !== undefined ||
    desktop.WAYLAND_DISPLAY !== undefined || desktop.BROWSER !== undefined;
  const path = hasDesktop ? host.processes.find(command) : undefined;
  if (path === undefined) return false;
  try {
    const child = host.processes.spawn({
      command: path,
      args: [...args, url.href],
      env: { ...host.processes.baseEnv(), ...desktop },
      // A browser outlives the command that opened a page in it.
      group: true,
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.cancel().catch(() => {});
    }
    child.stdin.close().catch(() => {});
    child.status.catch(() => {});
    return true;
  } catch {
    return false;
  }
}
