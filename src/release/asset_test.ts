import { deepStrictEqual, throws } from "node:assert/strict";
import { fileUrl, parseReleasesUrl } from "./address.ts";
import { assetFor } from "./asset.ts";

Deno.test("assetFor() names the file of each machine that there is one for", () => {
  const named = (["linux", "darwin", "windows"] as const).flatMap((os) =>
    ["x86_64", "aarch64"].map((arch) => assetFor({ os, arch }).name)
  );
  deepStrictEqual(named, [
    "stigmer-linux-x64.tar.gz",
    "stigmer-linux-arm64.tar.gz",
    "stigmer-macos-x64.tar.gz",
    "stigmer-macos-arm64.tar.gz",
    "stigmer-windows-x64.zip",
    "stigmer-windows-arm64.zip",
  ]);
  for (const arch of ["riscv64", "constructor"]) {
    throws(
      () => assetFor({ os: "linux", arch }),
      /There is no release for this machine/,
    );
  }
});

Deno.test("parseReleasesUrl() takes https, and http on this machine alone", () => {
  const given: readonly (readonly [string, string])[] = [
    ["https://example.com/releases", "https://example.com/releases"],
    [" https://example.com/a// ", "https://example.com/a"],
    ["http://127.0.0.1:8080/releases", "http://127.0.0.1:8080/releases"],
    ["http://localhost/", "http://localhost"],
    ["http://[::1]:1/r", "http://[::1]:1/r"],
  ];
  for (const [text, base] of given) {
    deepStrictEqual(parseReleasesUrl(text, "--from"), base);
  }
  for (
    const text of [
      "",
      "example.com",
      "http://example.com",
      "http://127.0.0.1.example.com",
      "file:///releases",
      "https://user@example.com",
      "https://example.com?x",
      "https://example.com#x",
    ]
  ) {
    throws(
      () => parseReleasesUrl(text, "X"),
      /^StigmerError: X cannot (?:be|have) /,
      text,
    );
  }
});

Deno.test("fileUrl() leads below a version, or to the latest", () => {
  const name = "SHA256SUMS";
  deepStrictEqual(
    fileUrl("https://x/r", { name }),
    "https://x/r/latest/download/SHA256SUMS",
  );
  deepStrictEqual(
    fileUrl("https://x/r", { name, version: "1.2.3" }),
    "https://x/r/download/v1.2.3/SHA256SUMS",
  );
});
