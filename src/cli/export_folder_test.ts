import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { PortableRecordSchema } from "../../gen/stigmer/backend/v1/transfer_pb.ts";
import type { ExportHead } from "../manifest/portable_text.ts";
import { writeFolder } from "./export_folder.ts";
import type { ExportedDocument } from "./exporting.ts";
import { fakeContext } from "./fake_context.ts";

const HEAD: ExportHead = { format: 1, secrets: "omit", withHistory: true };

/** An export of some agents, as it comes. */
async function* exported(
  names: readonly string[],
): AsyncGenerator<ExportedDocument> {
  for (const name of names) {
    const checksum = "ab".repeat(32);
    yield await {
      record: create(PortableRecordSchema, { kind: "Agent", name, checksum }),
      document: { kind: "Agent", metadata: { name } },
      isHistory: false,
    };
  }
}

for (
  const [os, folder, agents] of [
    ["linux", "/home/user/out", "/home/user/out/agents"],
    ["darwin", "/Users/user/out", "/Users/user/out/agents"],
    ["windows", "C:\\Users\\user\\out", "C:\\Users\\user\\out\\agents"],
  ] as const
) {
  Deno.test(`on ${os} an export writes files that every system has names for`, async () => {
    const context = await fakeContext("", { os });
    const { files } = context.host;
    await writeFolder(context, folder, {
      head: HEAD,
      documents: exported(["bot", "con", "nul"]),
    });
    deepStrictEqual(await files.list(agents), [
      "bot.yaml",
      "con_.yaml",
      "nul_.yaml",
    ]);
    // What an earlier export wrote and is gone now is removed.
    await writeFolder(context, folder, {
      head: HEAD,
      documents: exported(["con"]),
    });
    deepStrictEqual(await files.list(agents), ["con_.yaml"]);
    const names = await files.list(folder);
    deepStrictEqual(names, [".stigmer-export.json", "agents"]);
    const text = await files.readText(
      `${agents}${os === "windows" ? "\\" : "/"}con_.yaml`,
    );
    strictEqual(text.includes("\r"), false);
  });
}
