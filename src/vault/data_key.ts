/**
 * Data keys: what values are sealed under, each wrapped by the master key.
 *
 * @module
 */

import type { Random } from "../host/host.ts";
import type { MasterKey } from "./master_key.ts";
import { importKey, openBytes, sealBytes } from "./sealing.ts";

/** What a wrapped data key is bound to. */
export interface DataKeyBinding {
  readonly id: string;
  readonly ownerId: string;
}

/** A data key with what may be kept of it. */
export interface NewDataKey {
  readonly key: CryptoKey;
  readonly wrapped: Uint8Array<ArrayBuffer>;
}

const DATA_KEY_BYTES = 32;

/** Makes a data key of chance and wraps it. */
export async function newDataKey(
  master: MasterKey,
  options: { readonly of: DataKeyBinding; readonly random: Random },
): Promise<NewDataKey> {
  const { of, random } = options;
  const bytes = random.bytes(DATA_KEY_BYTES);
  const wrapped = await wrap(master, bytes, { of, random });
  const key = await importKey(bytes);
  bytes.fill(0);
  return { key, wrapped };
}

/** Unwraps a data key, or gives `undefined` for what does not open. */
export async function unwrapDataKey(
  wrapped: Uint8Array<ArrayBuffer>,
  options: { readonly of: DataKeyBinding; readonly master: MasterKey },
): Promise<CryptoKey | undefined> {
  const bytes = await unwrap(wrapped, options);
  if (bytes === undefined) return undefined;
  const key = await importKey(bytes);
  bytes.fill(0);
  return key;
}

/**
 * Wraps a data key by another master key, or gives `undefined` for what does
 * not open.
 */
export async function rewrapDataKey(
  wrapped: Uint8Array<ArrayBuffer>,
  options: {
    readonly of: DataKeyBinding;
    readonly from: MasterKey;
    readonly to: MasterKey;
    readonly random: Random;
  },
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { of, from, to, random } = options;
  const bytes = await unwrap(wrapped, { of, master: from });
  if (bytes === undefined) return undefined;
  const anew = await wrap(to, bytes, { of, random });
  bytes.fill(0);
  return anew;
}

function wrap(
  master: MasterKey,
  bytes: Uint8Array<ArrayBuffer>,
  options: { readonly of: DataKeyBinding; readonly random: Random },
): Promise<Uint8Array<ArrayBuffer>> {
  return sealBytes(master.wrapping, bytes, {
    binding: bindingOf(options.of),
    random: options.random,
  });
}

async function unwrap(
  wrapped: Uint8Array<ArrayBuffer>,
  { of, master }: { readonly of: DataKeyBinding; readonly master: MasterKey },
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = await openBytes(master.wrapping, wrapped, {
    binding: bindingOf(of),
  });
  return bytes?.length === DATA_KEY_BYTES ? bytes : undefined;
}

function bindingOf(of: DataKeyBinding): readonly string[] {
  return ["data-key", of.id, of.ownerId];
}
