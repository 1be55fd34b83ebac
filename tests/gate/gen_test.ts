import { deepStrictEqual, ok } from "node:assert/strict";
import { buf, RELEASED_IMAGE } from "../../.dev/buf.ts";
import { outputOf, ROOT } from "../../.dev/command.ts";

/** Changes the contract in a copy and asks buf what it breaks. */
async function breakingAfter(
  path: string,
  change: (text: string) => string,
): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const service = "stigmer/backend/v1";
    await Deno.mkdir(`${folder}/${service}`, { recursive: true });
    await Deno.copyFile(`${ROOT}proto/buf.yaml`, `${folder}/buf.yaml`);
    for await (const { name } of Deno.readDir(`${ROOT}proto/${service}`)) {
      const text = await Deno.readTextFile(`${ROOT}proto/${service}/${name}`);
      await Deno.writeTextFile(
        `${folder}/${service}/${name}`,
        name === path ? change(text) : text,
      );
    }
    const result = await buf(["breaking", folder, "--against", RELEASED_IMAGE]);
    return result.ok ? "" : outputOf(result);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("buf breaking lets a field be added and none be renamed", async () => {
  const added = await breakingAfter(
    "session.proto",
    (text) =>
      text.replace(
        "string subject = 2;",
        "string subject = 2;\n  // New.\n  string topic = 99;",
      ),
  );
  deepStrictEqual(added, "");
  const renamed = await breakingAfter(
    "session.proto",
    (text) => text.replace("string subject = 2;", "string topic = 2;"),
  );
  ok(renamed.includes('"subject"'), renamed);
});
