// What can be said of a script of PowerShell where there is none: whether it
// holds together, and that it has each branch. `.github/release/` has a test
// that runs it, for where there is one.

import { deepStrictEqual, match, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { RELEASE_KEYS } from "../../src/release/keys.ts";
import { newRelease, newSigner } from "./releases.ts";

const FOLDER = fileURLToPath(
  new URL("../../.github/release/", import.meta.url),
);
const SCRIPTS = ["install.ps1", "test_install.ps1"];

function read(name: string): Promise<string> {
  return Deno.readTextFile(FOLDER + name);
}

/** Takes out what is text or comment, so that what is left is code. */
function codeOf(text: string): string {
  return text
    .replaceAll(/^@"\n[^]*?^"@/gm, '""')
    .replaceAll(/@"\n[^]*?\n"@/g, '""')
    .replaceAll(/`./g, "")
    .replaceAll(/'[^'\n]*'/g, "''")
    .replaceAll(/"[^"\n]*"/g, '""')
    .replaceAll(/#.*$/gm, "");
}

Deno.test("scripts of PowerShell are plain ASCII, for 5.1 reads nothing else as it is", async () => {
  for (const name of SCRIPTS) {
    const text = await read(name);
    deepStrictEqual([...text].filter((it) => it > "\x7e"), [], name);
    ok(!text.includes("\r"), name);
  }
});

Deno.test("scripts of PowerShell close what they open", async () => {
  const pairs: Readonly<Record<string, string>> = {
    ")": "(",
    "]": "[",
    "}": "{",
  };
  for (const name of SCRIPTS) {
    const open: string[] = [];
    for (const [i, line] of codeOf(await read(name)).split("\n").entries()) {
      for (const sign of line) {
        if ("([{".includes(sign)) open.push(sign);
        if (sign in pairs) {
          deepStrictEqual(open.pop(), pairs[sign], `${name}:${i + 1}`);
        }
      }
    }
    deepStrictEqual(open, [], name);
  }
});

Deno.test("install.ps1 uses nothing that differs or is missing in 5.1", async () => {
  const code = codeOf(await read("install.ps1"));
  for (
    const word of [
      /\b(?:iwr|irm|iex|curl|wget|ls|rm|mv|cp|cat|echo|mkdir)\s/i,
      /\?\?|\?\./, // null operators of 7
      /&&|\|\|/, // chains of 7
      /\bInvoke-Expression\b/i,
      // Those of 5.1 follow to http anywhere.
      /\bInvoke-(?:WebRequest|RestMethod)\b|\bWebClient\b|\bStart-Bits/i,
      /-SkipCertificateCheck|-AllowInsecureRedirect/i,
      /\bIsWindows\b/i,
    ]
  ) {
    ok(!word.test(code), `${word}`);
  }
});

Deno.test("install.ps1 defines what it calls and calls what it defines", async () => {
  const code = codeOf(await read("install.ps1"));
  const defined = [...code.matchAll(/^function ([\w-]+)/gm)].map(([, it]) =>
    it
  );
  const called = [...code.matchAll(/(?<!function )\b(\w+-Stigmer\w+)/g)]
    .map(([, it]) => it);
  deepStrictEqual([...new Set(called)].sort(), [...new Set(defined)].sort());
});

Deno.test("install.ps1 has each branch, in an order that trusts nothing too early", async () => {
  const text = await read("install.ps1");
  const install = text.slice(text.indexOf("function Install-StigmerRelease"));
  const order = [
    "Get-StigmerBase",
    "Get-StigmerTargets",
    "Get-StigmerRelease $base",
    'Get-StigmerFile $from "SHA256SUMS"',
    "Assert-StigmerSignature",
    'Assert-StigmerChecksum $work "release.json"',
    "Assert-StigmerNotOlder $place $release",
    "Get-StigmerFile $from $asset",
    "Assert-StigmerChecksum $work $asset",
    "Expand-StigmerArchive",
    "Assert-StigmerRuns",
    "Move-StigmerInPlace",
    "} finally {",
  ].map((it) => install.indexOf(it));
  ok(order.every((it) => it > 0), `${order}`);
  deepStrictEqual(order, order.toSorted((a, b) => a - b));
  for (
    const branch of [
      "windows-arm64",
      "windows-x64",
      "PROCESSOR_ARCHITEW6432",
      "Tls12",
      "AllowAutoRedirect = $false",
      "Test-StigmerAddress $at $isLocal",
      "CreationTimeUtc -gt $since",
      "SecurityProtocol = $protocols\n",
      "$process.WaitForExit($StigmerTrialMs)",
      "its signature is wrong",
      "SHA256SUMS does not name it",
      "its checksum is $found, not $expected",
      "The program does not run on this machine",
      "it must be https, or http on this machine",
      "STIGMER_INSTALL_DIR",
      "[IO.File]::Move($aside, $Place)",
      `$Folder.Replace("'", "''")`,
    ]
  ) {
    ok(text.includes(branch), branch);
  }
  match(
    text,
    /\n& \{\n(?: {2}.*\n)+\}\n$/,
    "the last block is whole or nothing",
  );
});

Deno.test("install.ps1 carries the keys of the program", async () => {
  const [, keys = "-"] = /^\$StigmerReleaseKeys = "(.*)"$/m
    .exec(await read("install.ps1")) ?? [];
  deepStrictEqual(
    keys.split(" ").filter((it) => it !== ""),
    RELEASE_KEYS.map((it) => it.publicKey),
  );
});

Deno.test("a folder of a release is served as a release", async () => {
  const folder = await Deno.makeTempDir({ prefix: "stigmer-release-" });
  const files = await newRelease(await newSigner(), "0.3.0");
  for (const [name, bytes] of files) {
    await Deno.writeFile(`${folder}/${name}`, bytes);
  }
  const program = fileURLToPath(new URL("serve_folder.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", program, folder],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  try {
    const reader = child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    const { value = "" } = await reader.read();
    const get = (path: string): Promise<Response> =>
      fetch(`${value.trim()}/${path}`);
    for (const from of ["latest/download", "download/v0.3.0"]) {
      const response = await get(`${from}/SHA256SUMS`);
      deepStrictEqual(await response.bytes(), files.get("SHA256SUMS"));
    }
    for (const path of ["download/v0.1.0/SHA256SUMS", "latest/download/no"]) {
      const response = await get(path);
      deepStrictEqual(response.status, 404);
      await response.body?.cancel();
    }
    await reader.cancel();
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("test_install.ps1 finds the line of keys that it takes out", async () => {
  const lines = (await read("install.ps1")).split("\n");
  deepStrictEqual(
    lines.filter((it) => /^\$StigmerReleaseKeys = ".*"$/.test(it)).length,
    1,
  );
  const workflow = await Deno.readTextFile(
    new URL("../../.github/workflows/release.yml", import.meta.url),
  );
  for (const shell of ['"powershell"', '"pwsh"', "test_install.ps1"]) {
    ok(workflow.includes(shell), shell);
  }
});
