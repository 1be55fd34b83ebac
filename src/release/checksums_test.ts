import { deepStrictEqual, throws } from "node:assert/strict";
import { checksumOf, parseChecksums, refuseOther } from "./checksums.ts";

const A = "a".repeat(64);
const B = "b".repeat(64);

Deno.test("parseChecksums() reads what sha256sum writes, of text and of bytes", () => {
  const sums = parseChecksums(`${A}  stigmer.tar.gz\n${B} *release.json\n`);
  deepStrictEqual([...sums], [["stigmer.tar.gz", A], ["release.json", B]]);
  deepStrictEqual(checksumOf(sums, "release.json"), B);
  throws(() => checksumOf(sums, "other"), /has no "other"/);
});

Deno.test("parseChecksums() refuses what two readers could read in two ways", () => {
  for (
    const text of [
      "",
      "\n",
      `${A}`,
      `${A} a`,
      `${A}  a b\n`,
      `${A}  ../a\n`,
      `${A}  a/b\n`,
      `${A}  -a\n`,
      `${A.toUpperCase()}  a\n`,
      `${A.slice(1)}  a\n`,
      `${A}  a\r\n`,
      `${A}  a\n\n`,
      `# list\n${A}  a\n`,
      `\\${A}  a\n`,
      `<!doctype html>`,
    ]
  ) {
    throws(
      () => parseChecksums(text),
      /Cannot read SHA256SUMS/,
      JSON.stringify(text),
    );
  }
  throws(() => parseChecksums(`${A}  a\n${B}  a\n`), /it has "a" twice/);
  throws(
    () => parseChecksums(`${A}  a\n`.repeat(300)),
    /more than 256 lines/,
  );
});

Deno.test("refuseOther() refuses what differs in anything", () => {
  refuseOther("a", { expected: A, found: A });
  throws(
    () => refuseOther("a", { expected: A, found: B }),
    /Cannot trust "a": its checksum is b{64}, not a{64}/,
  );
});
