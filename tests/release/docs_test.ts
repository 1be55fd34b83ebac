import { deepStrictEqual, match, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { systemHost } from "../../src/host/system.ts";
import { fileUrl } from "../../src/release/address.ts";
import { assetFor } from "../../src/release/asset.ts";
import { download } from "../../src/release/download.ts";
import { findRelease } from "../../src/release/find_release.ts";
import { find, INSTALL_SH } from "./installer.ts";
import {
  newRelease,
  newSigner,
  seal,
  serveReleases,
  type Signer,
} from "./releases.ts";

const PAGE = fileURLToPath(
  new URL("../../docs/installing.md", import.meta.url),
);
const INSTALL_PS1 = INSTALL_SH.replace(/sh$/, "ps1");

/** The block of the page that holds some words. */
async function block(words: string): Promise<string> {
  const blocks = (await Deno.readTextFile(PAGE)).matchAll(
    /^```sh\n([^]*?)^```/gm,
  );
  for (const [, text = ""] of blocks) if (text.includes(words)) return text;
  throw new Error(`No block of the page has "${words}"`);
}

Deno.test("the page on installing names every option of both scripts", async () => {
  const page = await Deno.readTextFile(PAGE);
  const usage = async (path: string): Promise<string> =>
    (await Deno.readTextFile(path)).split("Options:")[1]?.split("}")[0] ?? "";
  const shell = [...(await usage(INSTALL_SH)).matchAll(/^ {2}(--[a-z-]+)/gm)];
  const power = [...(await usage(INSTALL_PS1)).matchAll(/^ {2}(-[A-Za-z]+)/gm)];
  deepStrictEqual(shell.length, power.length);
  for (const [, option = ""] of [...shell, ...power]) {
    ok(page.includes(option) || /help/i.test(option), option);
  }
  for (const name of ["STIGMER_INSTALL_DIR", "STIGMER_RELEASES_URL"]) {
    ok(page.includes(name), name);
  }
});

Deno.test("nothing that is to be typed takes a script without https", async () => {
  const readme = fileURLToPath(new URL("../../README.md", import.meta.url));
  for (const path of [PAGE, readme, INSTALL_SH]) {
    const text = await Deno.readTextFile(path);
    const typed = text.replaceAll(/ \\\n#?\s*/g, " ").split("\n")
      .filter((it) => /\bcurl .*\/install\.sh/.test(it));
    ok(typed.length > 0, path);
    for (const line of typed) {
      // Left to itself, it follows to http.
      match(line, /curl --proto '=https' --tlsv1\.2 -fsSL/, path);
    }
  }
});

Deno.test("a mirror with the files that the page names is enough", async () => {
  const page = await Deno.readTextFile(PAGE);
  const [, layout = ""] = /```text\n(BASE\/[^]*?)```/.exec(page) ?? [];
  const named = layout.trim().split("\n").map((it) => it.replace("BASE", ""));
  await using server = serveReleases();
  const signer = await newSigner();
  server.releases.set("0.2.0", await newRelease(signer, "0.2.0"));
  const downloads = {
    host: systemHost(),
    signal: AbortSignal.timeout(10_000),
  };
  const source = { ...downloads, base: server.url, keys: [signer.key] };
  for (const version of [undefined, "0.2.0"]) {
    deepStrictEqual((await findRelease(source, version)).version, "0.2.0");
  }
  const { name } = assetFor({ os: "linux", arch: "x86_64" });
  await download(downloads, fileUrl(server.url, { name, version: "0.2.0" }), {
    sizeBytesMax: 1_000_000,
  });
  // Its latest is a redirect, which a mirror of files is spared.
  const asked = new Set(
    server.asked.map((it) => it.replace(/^\/releases/, "")),
  );
  deepStrictEqual([...asked].sort(), [...named].sort());
});

/** Verifies a release as the page says. */
async function verifyByHand(
  signer: Signer,
  signedBy: Signer,
): Promise<{ readonly code: number; readonly said: string }> {
  const folder = await Deno.makeTempDir({ prefix: "stigmer-verify-" });
  try {
    const files = await newRelease(signer, "0.3.0");
    await seal(signedBy, files);
    for (const [name, bytes] of files) {
      await Deno.writeFile(`${folder}/${name}`, bytes);
    }
    const script = [await block("sha256sum --check"), await block("openssl")];
    const { code, stdout, stderr } = await new Deno.Command("sh", {
      args: ["-ec", script.join("\n")],
      cwd: folder,
      env: { KEY: signer.key.publicKey },
    }).output();
    const decoder = new TextDecoder();
    return { code, said: decoder.decode(stdout) + decoder.decode(stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "what the page says on verifying a release by hand is so",
  ignore: ["sha256sum", "base64", "openssl"].some((it) =>
    find(it) === undefined
  ) || Deno.build.os !== "linux",
  async fn() {
    const signer = await newSigner();
    const right = await verifyByHand(signer, signer);
    deepStrictEqual(right.code, 0, right.said);
    match(right.said, /stigmer-linux-x64\.tar\.gz: OK/);
    match(right.said, /Signature Verified Successfully/);
    const wrong = await verifyByHand(signer, await newSigner());
    ok(wrong.code !== 0);
    match(wrong.said, /Signature Verification Failure/);
  },
});
