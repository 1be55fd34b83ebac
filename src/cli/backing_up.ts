/**
 * Writes a copy of the database into a file.
 *
 * @module
 */

import type { Backend } from "../backend/open.ts";
import { StigmerError } from "../model/error.ts";
import type { Ending } from "./command.ts";
import { type Context, openFor } from "./context.ts";
import { sizeText } from "../model/size_text.ts";
import { fileErrorOf } from "./file_error.ts";
import { absolutePath } from "./path.ts";
import { inWords, statusIn } from "./secrets/key.ts";
import { showJson } from "./view.ts";

/** A backup holds all that was ever run: it is its owner's alone. */
const FILE_MODE = 0o600;
/** The file name that stands for stdout. */
const STDOUT = "-";
const WHOLE = 100;

/** What was copied. */
interface Copied {
  readonly sizeBytes: number;
  readonly checksum: string;
  readonly schemaVersion: number;
}

/** Copies the database of the backend into a file, or to stdout. */
export async function backUp(
  context: Context,
  file: string,
  options: { readonly force: boolean },
): Promise<Ending> {
  const { host, io } = context;
  const isPiped = file === STDOUT;
  const path = isPiped ? "" : absolutePath(host, file);
  if (!isPiped && !options.force) refuseThere(context, path);
  await using backend = await openFor(context);
  const left = new AbortController();
  const remove = host.terminal.onInterrupt(() => left.abort());
  const signal = AbortSignal.any([left.signal, context.signal]);
  try {
    const copy = newCopy(context, backend, signal);
    if (isPiped) { for await (const chunk of copy.chunks()) io.raw(chunk); }
    else {
      await host.files.writeChunks(path, copy.chunks(), {
        mode: FILE_MODE,
        replace: options.force,
      });
    }
    await tell(context, backend, { path, copied: copy.copied() });
    return "ok";
  } catch (error) {
    if (left.signal.aborted) return "CANCELLED";
    throw fileErrorOf(error, `Cannot write the backup "${file}"`) ?? error;
  } finally {
    // A stream that is left is told so by nothing else.
    left.abort();
    remove();
  }
}

function refuseThere({ host }: Context, path: string): void {
  if (host.files.stat(path) === undefined) return;
  throw new StigmerError(
    "ALREADY_EXISTS",
    `Cannot write the backup "${path}": the file is there already`,
    { hints: ["Name another one, or write over it with --force"] },
  );
}

/** The copy as it comes, whose parts are checked against its checksum. */
function newCopy(
  context: Context,
  { client }: Backend,
  signal: AbortSignal,
): {
  chunks(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void>;
  copied(): Copied;
} {
  let copied: Copied = { sizeBytes: 0, checksum: "", schemaVersion: 0 };
  return {
    copied: () => copied,
    async *chunks() {
      const { createHash } = await import("node:crypto");
      const hash = createHash("sha256");
      const show = progressOf(context);
      let [promised, received, checksum] = [0, 0, ""];
      for await (const part of client.backUpDatabase({}, { signal })) {
        if (part.sizeBytes > 0n) promised = Number(part.sizeBytes);
        if (part.schemaVersion > 0) {
          copied = { ...copied, schemaVersion: part.schemaVersion };
        }
        checksum = part.checksum;
        if (part.chunk.length === 0) continue;
        const chunk = new Uint8Array(part.chunk);
        hash.update(chunk);
        received += chunk.length;
        show(received, promised);
        yield chunk;
      }
      show(0, 0);
      if (checksum === "" || hash.digest("hex") !== checksum) {
        throw cutShort(received, promised);
      }
      copied = { ...copied, sizeBytes: received, checksum };
    },
  };
}

/** Draws how far it is, over the line before; nothing in a pipe. */
function progressOf(
  { host, io }: Context,
): (received: number, promised: number) => void {
  let shown = -1;
  return (received, promised) => {
    if (!io.live || io.quiet) return;
    const percent = promised === 0
      ? -1
      : Math.floor(received / promised * WHOLE);
    if (percent === shown) return;
    shown = percent;
    const text = percent < 0
      ? ""
      : `Copying ${percent} % of ${sizeText(promised)}`;
    host.terminal.write("stderr", `\r\x1b[K${text}`);
  };
}

function cutShort(received: number, promised: number): StigmerError {
  return new StigmerError(
    "DATA_LOSS",
    `Cannot take the backup: ${received} of ${promised} bytes came, or not ` +
      "those that were sent",
    { hints: ["Try again"] },
  );
}

/** Says what was written, and what it needs besides. */
async function tell(
  context: Context,
  backend: Backend,
  of: { readonly path: string; readonly copied: Copied },
): Promise<void> {
  const { io } = context;
  const { path, copied } = of;
  const isPiped = path === "";
  const { schemaVersion, checksum, sizeBytes } = copied;
  if (!isPiped && io.format !== "table" && io.format !== "wide") {
    if (io.format === "name") io.data(path);
    else await showJson(context, { path, ...copied });
  } else {
    const text = [
      `Copied ${sizeText(sizeBytes)} from ${backend.location}` +
      (isPiped ? "" : ` to "${path}"`),
      `  Checksum:  ${checksum} (SHA-256)`,
      `  Schema:    version ${schemaVersion}`,
    ].join("\n");
    if (isPiped) io.note(text);
    else if (!io.quiet) io.data(text);
  }
  await tellKey(context, backend);
}

/** The master key is not in it, and without it no secret can be opened. */
async function tellKey(context: Context, { client }: Backend): Promise<void> {
  const { signal } = context;
  const status = statusIn(
    await client.getVaultStatus({ brief: true }, { signal }),
  );
  if (status.keyId === "") return;
  const where = status.source === ""
    ? "it is kept on the machine of the server"
    : `it is in ${inWords(status)}`;
  context.io.warn(
    `The master key is not in it: secrets need key ${status.keyId}, ${where}`,
  );
}
