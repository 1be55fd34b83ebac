import { deepStrictEqual } from "node:assert/strict";
import { importedPackages, neededBy, packagesOf, splitId } from "./locked.ts";

const LOCK = {
  version: "5",
  npm: {
    "@scope/a@1.0.0_b@2.0.0": { integrity: "sha512-aa", dependencies: ["b"] },
    "b@2.0.0": {
      integrity: "sha512-bb",
      dependencies: ["c@3.0.0"],
      optionalPeers: ["c@3.0.0"],
    },
    "c@3.0.0": { integrity: "sha512-cc" },
    "c@4.0.0": { integrity: "sha512-c4" },
  },
};

Deno.test("splitId() leaves out what a package was resolved among", () => {
  deepStrictEqual(splitId("@scope/a@1.0.0-rc.1_b@2.0.0__c@3.0.0"), {
    name: "@scope/a",
    version: "1.0.0-rc.1",
  });
  deepStrictEqual(splitId("a_b@1.0.0"), { name: "a_b", version: "1.0.0" });
  deepStrictEqual(splitId("b"), { name: "b", version: "" });
});

Deno.test("packagesOf() gives name, version, digest and needs", () => {
  deepStrictEqual(packagesOf(LOCK), [
    {
      name: "@scope/a",
      version: "1.0.0",
      integrity: "sha512-aa",
      needs: ["b@2.0.0"],
    },
    { name: "b", version: "2.0.0", integrity: "sha512-bb", needs: ["c@3.0.0"] },
    { name: "c", version: "3.0.0", integrity: "sha512-cc", needs: [] },
    { name: "c", version: "4.0.0", integrity: "sha512-c4", needs: [] },
  ]);
  deepStrictEqual(packagesOf({ version: "5" }), []);
});

Deno.test("neededBy() follows needs and leaves out the rest", () => {
  const names = (roots: readonly string[]) =>
    neededBy(roots, packagesOf(LOCK)).map((it) => `${it.name}@${it.version}`);
  deepStrictEqual(names(["@scope/a@1.0.0"]), [
    "@scope/a@1.0.0",
    "b@2.0.0",
    "c@3.0.0",
  ]);
  deepStrictEqual(names(["c@4.0.0", "nobody@1.0.0"]), ["c@4.0.0"]);
});

Deno.test("importedPackages() gives what an import map takes from npm", () => {
  deepStrictEqual(
    importedPackages({
      imports: { a: "npm:@scope/a@1.0.0", own: "./gen/own.js" },
    }),
    ["@scope/a@1.0.0"],
  );
  deepStrictEqual(importedPackages({}), []);
});
