import { deepStrictEqual } from "node:assert/strict";
import { downloadedBases } from "./bases.ts";
import { sha256 } from "./sums.ts";

Deno.test("downloadedBases() gives the digest of each zip that is there", async () => {
  const folder = await Deno.makeTempDir({ prefix: "stigmer-bases-" });
  const before = Deno.env.get("DENORT_BIN");
  try {
    Deno.env.delete("DENORT_BIN");
    deepStrictEqual(await downloadedBases("9.9.9", folder), []);
    await Deno.mkdir(`${folder}/release/v9.9.9`, { recursive: true });
    const triple = "aarch64-apple-darwin";
    const bytes = new TextEncoder().encode("a zip");
    const path = `release/v9.9.9/denort-${triple}.zip`;
    await Deno.writeFile(`${folder}/${path}`, bytes);
    deepStrictEqual(await downloadedBases("9.9.9", folder), [{
      triple,
      url: `https://dl.deno.land/${path}`,
      digest: await sha256(bytes),
    }]);
    Deno.env.set("DENORT_BIN", "/elsewhere/denort");
    deepStrictEqual(await downloadedBases("9.9.9", folder), []);
  } finally {
    if (before === undefined) Deno.env.delete("DENORT_BIN");
    else Deno.env.set("DENORT_BIN", before);
    await Deno.remove(folder, { recursive: true });
  }
});
