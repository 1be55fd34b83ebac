import { deepStrictEqual, ok, rejects } from "node:assert/strict";
import {
  gzip,
  type Packed,
  tar,
  tarGz,
  zip,
} from "../../tests/release/archives.ts";
import { seededFraction } from "../host/fake.ts";
import { StigmerError } from "../model/error.ts";
import { unpackTar } from "./unpack_tar.ts";
import { unpackZip } from "./unpack_zip.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const WANTED = { name: "stigmer", sizeBytesMax: 4 * 1024 * 1024 };
const LICENCE: Packed = { name: "LICENSE", content: "Apache-2.0\n" };
/** More than one piece of everything, and random, so that it does not pack. */
const PROGRAM: Bytes = (() => {
  const fraction = seededFraction(7);
  return Uint8Array.from(
    { length: 100_003 },
    () => Math.floor(fraction() * 256),
  );
})();

async function untar(bytes: Bytes): Promise<Bytes> {
  return await collect(unpackTar(new Blob([bytes]).stream(), WANTED));
}

async function unzip(bytes: Bytes): Promise<Bytes> {
  return await collect(unpackZip(bytes, WANTED));
}

async function collect(chunks: AsyncIterable<Bytes>): Promise<Bytes> {
  const parts: Bytes[] = [];
  for await (const chunk of chunks) parts.push(chunk.slice());
  return await new Response(new Blob(parts)).bytes();
}

Deno.test("unpackTar() and unpackZip() give the program, wherever it stands", async () => {
  const program = { name: "stigmer", content: PROGRAM };
  for (const files of [[program], [LICENCE, program], [program, LICENCE]]) {
    deepStrictEqual(await untar(await tarGz(files)), PROGRAM);
    deepStrictEqual(await unzip(zip(files)), PROGRAM);
  }
  const empty = { name: "stigmer", content: "" };
  deepStrictEqual(await untar(await tarGz([empty])), new Uint8Array());
});

Deno.test("unpackTar() reads what tar itself writes", async () => {
  const folder = await Deno.makeTempDir({ prefix: "stigmer-tar-" });
  try {
    await Deno.writeFile(`${folder}/stigmer`, PROGRAM, { mode: 0o755 });
    await Deno.writeTextFile(`${folder}/LICENSE`, "Apache-2.0\n");
    const { stdout, success } = await new Deno.Command("tar", {
      args: ["-cz", "-f", "-", "./stigmer", "./LICENSE"],
      cwd: folder,
      env: { COPYFILE_DISABLE: "1" },
    }).output();
    ok(success);
    deepStrictEqual(await untar(stdout), PROGRAM);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const content = "#!/bin/sh\n";

Deno.test("unpackTar() and unpackZip() refuse what no release holds", async () => {
  const odd: readonly (readonly [readonly Packed[], RegExp])[] = [
    [[], /has no "stigmer"/],
    [[LICENCE], /has no "stigmer"/],
    [[{ name: "/stigmer", content }], /no plain file at its top|no whole/],
    [[{ name: "../stigmer", content }], /no plain file at its top|no whole/],
    [[{ name: "bin/stigmer", content }], /no plain file at its top/],
    [[{ name: "stigmer/", content: "" }], /no plain file at its top/],
    [
      [{ name: "stigmer", content }, { name: "stigmer", content }],
      /"stigmer" twice|no whole/,
    ],
    [
      Array.from({ length: 17 }, (_, i) => ({ name: `f${i}`, content })),
      /more than 16 files/,
    ],
  ];
  for (const [files, says] of odd) {
    await rejects(untar(await tarGz(files)), says);
    await rejects(unzip(zip(files)), says);
  }
});

Deno.test("unpackTar() refuses links, folders, devices and further headers", async () => {
  for (const kind of ["1", "2", "3", "4", "5", "6", "7", "x", "g", "L", "K"]) {
    const file = { name: "stigmer", content, kind };
    await rejects(untar(await tarGz([file])), /no plain file at its top/, kind);
  }
});

Deno.test("unpackTar() refuses what is cut or changed, wherever that is", async () => {
  const whole = await tarGz([{ name: "stigmer", content: PROGRAM }]);
  for (let i = 0; i < 12; i++) {
    const cut = whole.slice(0, Math.floor(whole.length * i / 12));
    await rejects(untar(cut), StigmerError, `cut ${i}`);
  }
  const fraction = seededFraction(3);
  for (let i = 0; i < 24; i++) {
    const changed = whole.slice();
    // The first bytes of gzip say when and where it was packed.
    const at = 10 + Math.floor(fraction() * (whole.length - 10));
    changed[at] = (changed[at] ?? 0) ^ (1 << Math.floor(fraction() * 8));
    await rejects(untar(changed), StigmerError, `changed ${at}`);
  }
});

Deno.test("unpackTar() refuses something after the end", async () => {
  const plain = tar([{ name: "stigmer", content: PROGRAM }]);
  const more = new Uint8Array(plain.length + 512);
  more.set(plain);
  more.fill(1, plain.length);
  await rejects(untar(await gzip(more)), /something after its end/);
});

Deno.test("unpackTar() gives up on what is too large before it is unpacked", async () => {
  const sizeBytes = WANTED.sizeBytesMax + 1;
  const bomb = { name: "stigmer", content: new Uint8Array(sizeBytes) };
  await rejects(untar(await tarGz([bomb])), /which is too large/);
});

Deno.test("unpackZip() refuses what is cut or changed", async () => {
  const whole = zip([{ name: "stigmer", content: PROGRAM }, LICENCE]);
  for (const length of [0, 30, 50_000, whole.length - 1]) {
    await rejects(unzip(whole.slice(0, length)), StigmerError, `${length}`);
  }
  const changed = whole.slice();
  changed[5000] = (changed[5000] ?? 0) ^ 1;
  await rejects(unzip(changed), StigmerError);
});
