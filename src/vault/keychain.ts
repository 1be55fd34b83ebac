/**
 * The keychain of the operating system, by whichever program speaks to it.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Usability } from "./key_source.ts";
import { linuxKeychain } from "./keychain_linux.ts";
import { macosKeychain } from "./keychain_macos.ts";
import { windowsKeychain } from "./keychain_windows.ts";

/** What a keychain needs of the machine. */
export type KeychainHost = Pick<
  Host,
  "processes" | "clock" | "env" | "files" | "platform"
>;

/** How an item of a keychain is found. Neither word is secret. */
export interface KeychainItem {
  readonly service: string;
  readonly account: string;
}

/** A keychain. */
export interface Keychain {
  /** As people know it. */
  readonly name: string;
  /**
   * Says whether its program is there and could answer; starts nothing, so
   * that it may still be locked.
   */
  reachable(): Usability;
  /**
   * Finds the secret of an item.
   *
   * @throws {StigmerError} UNAVAILABLE when the keychain is locked, asks a
   * person or cannot be reached.
   */
  lookup(item: KeychainItem): Promise<string | undefined>;
  /**
   * Keeps a secret, in place of what the item had.
   *
   * @param item The item; `label` is what people see of it.
   * @param secret At most 64 KiB without a NUL.
   * @throws {StigmerError} UNAVAILABLE when it did not.
   */
  store(
    item: KeychainItem & { readonly label: string },
    secret: string,
  ): Promise<void>;
  /**
   * Removes an item; one that is not there is fine.
   *
   * @throws {StigmerError} UNAVAILABLE when it did not.
   */
  clear(item: KeychainItem): Promise<void>;
}

/** Gives the keychain of this machine; nothing is started for it. */
export function openKeychain(host: KeychainHost): Keychain {
  switch (host.platform.os) {
    case "linux":
      return linuxKeychain(host);
    case "darwin":
      return macosKeychain(host);
    case "windows":
      return windowsKeychain(host);
  }
}
