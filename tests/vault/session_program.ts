/**
 * Works with the keychain of the session that it is started in: one word says
 * what to do, keys come by stdin.
 *
 * @module
 */

import { systemHost } from "../../src/host/system.ts";
import { StigmerError } from "../../src/model/error.ts";
import { openKeychain } from "../../src/vault/keychain.ts";
import { keychainSource } from "../../src/vault/keychain_source.ts";

const host = systemHost();
const source = keychainSource(openKeychain(host), {
  random: host.random,
  databasePath: "/tmp/a pläce/stigmer.db",
});
const KEY_ID = "key-of-the-test";

/** Goes round with an item whose names and text are none of ours. */
async function oddItem(): Promise<string | undefined> {
  const keychain = openKeychain(host);
  const item = { service: "--unlock", account: "-ü \"'$(x)" };
  const secret = "\u{feff}two lines\nand \u{1f511} at the end ";
  await keychain.store({ ...item, label: "-x" }, secret);
  const found = await keychain.lookup(item);
  await keychain.clear(item);
  if (await keychain.lookup(item) !== undefined) return "still there";
  return found === secret ? "the same" : found;
}

async function answer(verb: string): Promise<unknown> {
  switch (verb) {
    case "probe":
      return await source.probe();
    case "read":
      return (await source.read(KEY_ID))?.toBase64() ?? "not there";
    case "write": {
      const text = (await new Response(Deno.stdin.readable).text()).trim();
      return await source.write(KEY_ID, Uint8Array.fromBase64(text));
    }
    case "odd item":
      return await oddItem();
    case "remove":
      return await source.remove(KEY_ID);
    default:
      throw new Error(`no such verb: ${verb}`);
  }
}

try {
  console.log(JSON.stringify(await answer(Deno.args[0] ?? "") ?? "done"));
} catch (error) {
  if (!(error instanceof StigmerError)) throw error;
  console.log(JSON.stringify({ code: error.code, message: error.message }));
}
