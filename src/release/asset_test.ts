import { deepStrictEqual, throws } from "node:assert/strict";
import { fileUrl, parseReleasesUrl, shownUrl } from "./address.ts";
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

Deno.test("parseReleasesUrl() refuses without a word of what may be secret", () => {
  const given: readonly (readonly [string, string])[] = [
    ["https://m.example/r?token=S3CRET", '"https://m.example/r?…"'],
    ["https://m.example/r#S3CRET", '"https://m.example/r#…"'],
    ["http://m.example/S?S3CRET#S3CRET", '"http://m.example/S?…"'],
    ["https://u:S3CRET@[bad", '"https://…@[bad"'],
    ["u:S3CRET@m.example/r", '"…@m.example/r"'],
    ["https:\\\\S3CRET@[bad", '"…@[bad"'],
    ["https://u:S3?CRET@[bad", '"https://…"'],
    ["https://u:S3#CRET@S3CRET/", '"https://…"'],
    ["https://[bad?a=u@S3CRET", '"https://…"'],
  ];
  for (const [text, shown] of given) {
    throws(() => parseReleasesUrl(text, "X"), (error: Error) => {
      deepStrictEqual(error.message.includes(`X cannot be ${shown}: `), true);
      deepStrictEqual(/S3|CRET/.test(error.message), false);
      return true;
    }, text);
  }
  deepStrictEqual(shownUrl("https://m.example/r"), "https://m.example/r");
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
