import { deepStrictEqual, match, ok, rejects } from "node:assert/strict";
import { type Component, components, idOf } from "./components.ts";
import { notices } from "./notices.ts";
import { purlOf, type Release, sbom } from "./sbom.ts";

const RELEASE: Release = {
  version: "1.2.3",
  timeMs: 1_700_000_000_000,
  denoVersion: "2.9.6",
};
const DIGEST: string = new Uint8Array(64).fill(7).toBase64();

function component(
  id: string,
  license: string,
  needs: readonly string[] = [],
): Component {
  const at = id.lastIndexOf("@");
  return {
    locked: {
      name: id.slice(0, at),
      version: id.slice(at + 1),
      integrity: `sha512-${DIGEST}`,
      needs,
    },
    license,
    notices: [`The licence of ${id}`],
  };
}

const COMPONENTS = [
  component("@scope/a@1.0.0", "MIT", ["b@2.0.0+build"]),
  component("b@2.0.0+build", "(MIT OR Apache-2.0)"),
  component("c@3.0.0", ""),
];

Deno.test("sbom() names each package with its digest, licence and needs", async () => {
  const bill = JSON.parse(await sbom(RELEASE, COMPONENTS));
  deepStrictEqual(bill.bomFormat, "CycloneDX");
  deepStrictEqual(bill.specVersion, "1.6");
  match(
    bill.serialNumber,
    /^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  );
  deepStrictEqual(bill.metadata.timestamp, "2023-11-14T22:13:20.000Z");
  const [a, b, c, deno] = bill.components;
  deepStrictEqual(a, {
    type: "library",
    "bom-ref": "pkg:npm/%40scope/a@1.0.0",
    group: "@scope",
    name: "a",
    version: "1.0.0",
    hashes: [{ alg: "SHA-512", content: "07".repeat(64) }],
    licenses: [{ license: { id: "MIT" } }],
    purl: "pkg:npm/%40scope/a@1.0.0",
  });
  deepStrictEqual(b.licenses, [{ expression: "(MIT OR Apache-2.0)" }]);
  deepStrictEqual(b.purl, "pkg:npm/b@2.0.0%2Bbuild");
  ok(!("licenses" in c));
  deepStrictEqual(deno.purl, "pkg:github/denoland/deno@v2.9.6");
  ok(!("externalReferences" in deno));
  deepStrictEqual(bill.dependencies, [
    {
      ref: "pkg:npm/%40stigmer/cli@1.2.3",
      dependsOn: [a.purl, c.purl, deno.purl],
    },
    { ref: a.purl, dependsOn: [b.purl] },
    { ref: b.purl, dependsOn: [] },
    { ref: c.purl, dependsOn: [] },
    { ref: deno.purl, dependsOn: [] },
  ]);
});

Deno.test("sbom() of the same is the same, of another has another number", async () => {
  const one = await sbom(RELEASE, COMPONENTS);
  deepStrictEqual(await sbom(RELEASE, COMPONENTS), one);
  const other = await sbom({ ...RELEASE, version: "1.2.4" }, COMPONENTS);
  ok(JSON.parse(other).serialNumber !== JSON.parse(one).serialNumber);
});

Deno.test("sbom() refuses a package that no lock file pins", async () => {
  const [first] = COMPONENTS;
  ok(first);
  const unpinned = { ...first, locked: { ...first.locked, integrity: "" } };
  await rejects(sbom(RELEASE, [unpinned]), /pins no SHA-512 of "@scope\/a"/);
});

Deno.test("components() are what is loaded and what was bundled, and no tools", async () => {
  const found = await components();
  const names = found.map((it) => it.locked.name);
  const wanted = ["yaml", "@connectrpc/connect", "@grpc/grpc-js"];
  deepStrictEqual(wanted.filter((it) => !names.includes(it)), []);
  deepStrictEqual(
    names.filter((it) =>
      /^@bufbuild\/(?:buf|protoc)|^typescript$|^@?rolldown|^jq-web$/.test(it)
    ),
    [],
  );
  deepStrictEqual(
    found.filter((it) => it.license === "").map((it) => it.locked.name),
    [],
  );
  // References must name something that is there.
  const bill = JSON.parse(await sbom(RELEASE, found));
  const refs = new Set(
    [bill.metadata.component, ...bill.components].map((it) => it["bom-ref"]),
  );
  deepStrictEqual(refs.size, bill.components.length + 1);
  for (const { ref, dependsOn } of bill.dependencies) {
    ok(refs.has(ref), ref);
    deepStrictEqual(new Set(dependsOn).size, dependsOn.length, ref);
    for (const it of dependsOn) ok(refs.has(it), it);
  }
});

Deno.test("notices() has the text of each licence", () => {
  const page = notices(COMPONENTS);
  for (const { locked } of COMPONENTS) {
    ok(page.includes(`The licence of ${idOf(locked)}`));
  }
  match(page, /^@scope\/a@1\.0\.0, MIT$/m);
});

Deno.test("purlOf() writes the address of a package", () => {
  deepStrictEqual(purlOf("yaml", "2.9.1"), "pkg:npm/yaml@2.9.1");
  deepStrictEqual(purlOf("@a/b", "1.0.0"), "pkg:npm/%40a/b@1.0.0");
});

Deno.test("sbom() has the digest of each base that is known", async () => {
  const url = "https://dl.deno.land/release/v2.9.6/denort-x.zip";
  const digest = "ab".repeat(32);
  const bases = [{ triple: "x", url, digest }];
  const bill = JSON.parse(await sbom({ ...RELEASE, bases }, []));
  deepStrictEqual(bill.components.at(-1).externalReferences, [{
    type: "distribution",
    url,
    hashes: [{ alg: "SHA-256", content: digest }],
  }]);
});
