import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { inheritedRights } from "./inherited_rights.ts";

const ENV = { UserProfile: "C:\\Users\\Ada", USERNAME: "ada" };

Deno.test("a home within the folder of its user is theirs alone", () => {
  const host = fakeHost({ os: "windows", env: ENV });
  for (
    const home of [
      "C:\\Users\\Ada\\.stigmer",
      "c:/users/ada/.stigmer",
      "C:\\Users\\Ada\\",
    ]
  ) strictEqual(inheritedRights(host, home), undefined, home);
});

Deno.test("a home elsewhere has the rights of where it is, and how to close it is said", () => {
  const host = fakeHost({ os: "windows", env: ENV });
  for (const home of ["D:\\data\\stigmer", "C:\\Users\\Adam\\.stigmer"]) {
    deepStrictEqual(inheritedRights(host, home), {
      name: "home",
      state: "note",
      detail: `"${home}" has the rights of the folder that it is in, ` +
        "which others may be able to read",
      fix: `Close it with: icacls "${home}" /inheritance:r ` +
        '/grant:r "ada:(OI)(CI)F"',
    });
  }
});

Deno.test("where files have permission bits, those are looked at", () => {
  for (const os of ["linux", "darwin"] as const) {
    const host = fakeHost({ os, env: { HOME: "/home/ada" } });
    strictEqual(inheritedRights(host, "/srv/stigmer"), undefined);
  }
});
