import { match, rejects, strictEqual } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import type { Host } from "../host/host.ts";
import { systemHost } from "../host/system.ts";
import { StigmerError } from "../model/error.ts";
import type { SecretReference } from "../model/secret_reference.ts";
import { SECRET_SIZE_BYTES_MAX } from "../model/secret_text.ts";
import { keyFileSource } from "../vault/key_file_source.ts";
import { masterKeyId } from "../vault/key_id.ts";
import { openCredentials } from "./credentials.ts";
import { readReference } from "./secret_places.ts";

function to(kind: SecretReference["kind"], place: string): SecretReference {
  return { kind, place, origin: "env-1" };
}

/** A host with files in a folder that is its home. */
async function withFolder(
  work: (host: Host, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "stigmer-places-" });
  try {
    const system = systemHost();
    const platform = { ...system.platform, homeDirectory: folder };
    const { env } = fakeHost({ env: { FULL: "from env", EMPTY: "" } });
    await work({ ...system, platform, env }, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("readReference() reads variables, and files without their last line end", async () => {
  await withFolder(async (host, folder) => {
    const texts: readonly (readonly [string, string])[] = [
      ["plain", "plain"],
      ["line\n", "line"],
      ["dos\r\n", "dos"],
      ["two\n\n", "two\n"],
      [" spaces ", " spaces "],
      ["é".repeat(SECRET_SIZE_BYTES_MAX / 2) + "\r\n", "é".repeat(32768)],
    ];
    for (const [written, read] of texts) {
      await Deno.writeTextFile(`${folder}/key`, written);
      for (const place of [`${folder}/key`, "~/key"]) {
        strictEqual(await readReference(host, "A", to("file", place)), read);
      }
    }
    strictEqual(await readReference(host, "A", to("env", "FULL")), "from env");
  });
});

Deno.test("readReference() names the secret, the place and the way out", async () => {
  await withFolder(async (host, folder) => {
    await Deno.writeTextFile(`${folder}/empty`, "\n");
    await Deno.writeFile(`${folder}/binary`, new Uint8Array([0xff, 0xfe, 1]));
    await Deno.writeTextFile(
      `${folder}/large`,
      "x".repeat(SECRET_SIZE_BYTES_MAX + 1),
    );
    const cases: readonly (readonly [SecretReference, RegExp])[] = [
      [to("env", "MISSING"), /variable MISSING of the process that runs/],
      [to("env", "EMPTY"), /variable EMPTY .* is not there, or empty/],
      [to("file", `${folder}/gone`), /file ".*\/gone" cannot be read/],
      [
        to("file", `${folder}/empty`),
        /file ".*\/empty" is not there, or empty/,
      ],
      [to("file", `${folder}/binary`), /file ".*\/binary" cannot be read/],
      [to("file", `${folder}/large`), /holds more than the 65536 bytes/],
    ];
    for (const [reference, message] of cases) {
      await rejects(readReference(host, "A", reference), (error) => {
        if (!(error instanceof StigmerError)) return false;
        strictEqual(error.code, "FAILED_PRECONDITION");
        match(error.message, /^Cannot open secret "A": /);
        match(error.message, message);
        return true;
      });
    }
  });
});

Deno.test("readReference() asks the keychain, and passes on why it does not answer", async () => {
  const item = to("keychain", "github/ada/token");
  const asked: (readonly string[])[] = [];
  const answering = (code: number, stdout: string): Host =>
    fakeHost({
      os: "linux",
      env: {
        PATH: "/usr/bin",
        DBUS_SESSION_BUS_ADDRESS: "unix:path=/tmp/bus",
      },
      programs: {
        "/usr/bin/secret-tool": ({ args }) => {
          asked.push(args);
          return { code, stdout };
        },
      },
    });
  strictEqual(
    await readReference(answering(0, "fr0m-the-keychain"), "A", item),
    "fr0m-the-keychain",
  );
  match(JSON.stringify(asked), /"service","github","account","ada\/token"/);
  await rejects(
    readReference(fakeHost({ os: "linux", env: {} }), "A", item),
    (error) =>
      error instanceof StigmerError &&
      error.message.startsWith('Cannot open secret "A": '),
  );
});

Deno.test("readReference() waits for no pipe", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await withFolder(async (host, folder) => {
    const path = `${folder}/pipe`;
    await new Deno.Command("mkfifo", { args: [path] }).output();
    for (const place of [path, folder]) {
      await rejects(readReference(host, "A", to("file", place)), {
        code: "FAILED_PRECONDITION",
        message: /cannot be read, it is no regular file$/,
      });
    }
  });
});

Deno.test("readReference() gives nobody the token of a login", async () => {
  await withFolder(async (system, folder) => {
    const { env } = fakeHost({
      env: {
        STIGMER_TOKEN: "stg_of_the_variable",
        MY_TOKEN: "stg_for_runs",
        STIGMER_KEY_SOURCE: "key-file",
      },
    });
    const host = { ...system, env };
    await openCredentials(host, folder)
      .keep("https://a.example.com", "stg_kept_at_login");
    const references = [
      to("env", "STIGMER_TOKEN"),
      to("file", `${folder}/credentials.yaml`),
      to("keychain", "stigmer/https://a.example.com"),
      to("keychain", "stigmer/unix:/run/stigmer.sock"),
    ];
    for (const reference of references) {
      await rejects(readReference(host, "A", reference), (error) => {
        match(String(error), /holds an access token of who runs this/);
        return !String(error).includes("stg_");
      });
    }
    const named = await readReference(host, "A", to("env", "MY_TOKEN"));
    strictEqual(named, "stg_for_runs");
  });
});

Deno.test("readReference() gives nobody a master key", async () => {
  await withFolder(async (system, folder) => {
    const key = new Uint8Array(32).fill(7);
    await keyFileSource(systemHost(), `${folder}/master.key`)
      .write(await masterKeyId(key), key);
    await Deno.copyFile(`${folder}/master.key`, `${folder}/copy`);
    await Deno.writeTextFile(`${folder}/given`, key.toBase64());
    await Deno.symlink(`${folder}/given`, `${folder}/link`);
    // As the environment of a process reads in /proc.
    const environ = `PATH=/bin\0STIGMER_MASTER_KEY=${key.toHex()}\0`;
    await Deno.writeTextFile(`${folder}/environ`, environ);
    const { env } = fakeHost({
      env: {
        STIGMER_MASTER_KEY: key.toHex(),
        STIGMER_MASTER_KEY_FILE: `${folder}/given`,
      },
    });
    const host = { ...system, env };
    const references = [
      to("env", "STIGMER_MASTER_KEY"),
      to("keychain", "stigmer/key-0123456789abcdef0123"),
      ...["master.key", "copy", "given", "link", "environ"].map((it) =>
        to("file", `${folder}/${it}`)
      ),
    ];
    for (const reference of references) {
      await rejects(readReference(host, "A", reference), (error) => {
        match(String(error), /holds a master key of Stigmer/);
        strictEqual(String(error).includes(key.toBase64()), false);
        return true;
      });
    }
  });
});
