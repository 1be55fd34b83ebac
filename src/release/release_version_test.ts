import { deepStrictEqual, ok, throws } from "node:assert/strict";
import { VERSION } from "../model/version.ts";
import { parseReleaseFile, releaseFileText } from "./release_file.ts";
import { compareVersions, isReleaseVersion } from "./release_version.ts";

/** From the oldest to the newest, as semver.org orders them. */
const ORDERED = [
  "0.1.9",
  "0.1.10",
  "0.2.0",
  "1.0.0-alpha",
  "1.0.0-alpha.1",
  "1.0.0-alpha.beta",
  "1.0.0-beta",
  "1.0.0-beta.2",
  "1.0.0-beta.11",
  "1.0.0-rc.1",
  "1.0.0",
  "1.0.1",
  "10.0.0",
];

Deno.test("compareVersions() orders versions as semantic versioning does", () => {
  for (const [i, a] of ORDERED.entries()) {
    for (const [j, b] of ORDERED.entries()) {
      deepStrictEqual(
        Math.sign(compareVersions(a, b)),
        Math.sign(i - j),
        `${a} ${b}`,
      );
    }
  }
});

Deno.test("isReleaseVersion() knows versions, and nothing that leads elsewhere", () => {
  for (const version of [VERSION, ...ORDERED]) ok(isReleaseVersion(version));
  for (
    const text of [
      "",
      "v1.0.0",
      "1.0",
      "1.0.0.0",
      "01.0.0",
      "1.0.0/../2",
      "1.0.0-a/b",
      "1.0.0+build",
      "1.0.0\n",
      "latest",
      `1.0.0-${"a".repeat(80)}`,
    ]
  ) {
    ok(!isReleaseVersion(text), JSON.stringify(text));
  }
});

Deno.test("parseReleaseFile() reads what releaseFileText() writes", () => {
  deepStrictEqual(parseReleaseFile(releaseFileText("1.2.3")), {
    version: "1.2.3",
  });
  deepStrictEqual(parseReleaseFile('{"version":"1.2.3","later":[]}'), {
    version: "1.2.3",
  });
  for (
    const text of ["", "1", "null", "{}", '{"version":1}', '{"version":"x"}']
  ) {
    throws(() => parseReleaseFile(text), /it names no version/, text);
  }
});
