import { deepStrictEqual, ok, throws } from "node:assert/strict";
import { outputOf, runProgram } from "../command.ts";
import { type PackedFile, tarGz, zip } from "./archive.ts";

const TIME_MS: number = Date.UTC(2025, 4, 6, 7, 8, 10);
/** Sizes about the edges of a block, and some that do not shrink. */
const FILES: readonly PackedFile[] = [
  { name: "stigmer", bytes: bytesOf(70_001), isExecutable: true },
  { name: "LICENSE", bytes: bytesOf(512), isExecutable: false },
  { name: "empty", bytes: bytesOf(0), isExecutable: false },
  { name: "NOTICES.txt", bytes: bytesOf(513), isExecutable: false },
];

function bytesOf(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, i) => i * i % 251);
}

const FORMATS = [
  { name: "tar.gz", pack: tarGz, tool: ["tar", "-xzf"] },
  { name: "zip", pack: zip, tool: ["unzip", "-q"] },
] as const;

/** Whether a tool is there: Windows has no unzip. */
async function hasTool(name: string): Promise<boolean> {
  const result = await runProgram([name, "--help"]).catch(() => undefined);
  return result !== undefined;
}

for (const { name, pack, tool: [command, ...flags] } of FORMATS) {
  Deno.test({
    name: `a .${name} unpacks by ${command} to the same bytes, modes and times`,
    ignore: !await hasTool(command),
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        const path = `${folder}/a.${name}`;
        await Deno.writeFile(path, await pack(FILES, TIME_MS));
        const result = await runProgram([command, ...flags, path], {
          cwd: folder,
          // Times in a zip are those of a wall clock.
          env: { TZ: "UTC" },
        });
        ok(result.ok, outputOf(result));
        for (const file of FILES) {
          const found = `${folder}/${file.name}`;
          deepStrictEqual(await Deno.readFile(found), file.bytes);
          const { mode, mtime } = await Deno.stat(found);
          deepStrictEqual(mtime?.getTime(), TIME_MS);
          if (Deno.build.os !== "windows") {
            const expected = file.isExecutable ? 0o755 : 0o644;
            deepStrictEqual(
              (mode ?? 0) & 0o777 & ~Deno.umask(),
              expected & ~Deno.umask(),
            );
          }
        }
        const names = Array.from(Deno.readDirSync(folder), (it) => it.name);
        deepStrictEqual(names.length, FILES.length + 1);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });

  Deno.test(`a .${name} of the same files is the same, and of others another`, async () => {
    const one = await pack(FILES, TIME_MS);
    deepStrictEqual(await pack(FILES, TIME_MS), one);
    const [first, ...others] = FILES;
    ok(first);
    const changed = [
      await pack(FILES, TIME_MS + 60_000),
      await pack([{ ...first, isExecutable: false }, ...others], TIME_MS),
      await pack([{ ...first, bytes: bytesOf(70_000) }, ...others], TIME_MS),
    ];
    for (const other of changed) {
      throws(() => deepStrictEqual(other, one));
    }
  });
}

Deno.test("tarGz() refuses a name that old readers would cut", async () => {
  const file = {
    name: "n".repeat(101),
    bytes: bytesOf(1),
    isExecutable: false,
  };
  let message = "";
  await tarGz([file], TIME_MS).catch((error: Error) => message = error.message);
  ok(message.endsWith("its name is too long"), message);
});
