/**
 * Packs files into the archives of a release, so that the same files give the
 * same bytes: nothing of the machine that packs is in them, neither its time
 * nor its people.
 *
 * Plain files at the top and no more, as `stigmer upgrade` and the install
 * scripts expect.
 *
 * @module
 */

/** A file to be packed. */
export interface PackedFile {
  /** Its name; a short one of ASCII. */
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly isExecutable: boolean;
}

type Bytes = Uint8Array<ArrayBuffer>;

const BLOCK = 512;
const TAR_NAME_MAX = 100;
const encoder: TextEncoder = new TextEncoder();

/** Packs a `.tar.gz`. */
export async function tarGz(
  files: readonly PackedFile[],
  timeMs: number,
): Promise<Bytes> {
  const blocks = files.flatMap((file) => [
    tarHeader(file, timeMs),
    file.bytes,
    new Uint8Array((BLOCK - file.bytes.length % BLOCK) % BLOCK),
  ]);
  return await compress("gzip", [...blocks, new Uint8Array(2 * BLOCK)]);
}

/** The header of POSIX "ustar", which every tar reads. */
function tarHeader(
  { name, bytes, isExecutable }: PackedFile,
  timeMs: number,
): Bytes {
  if (encoder.encode(name).length > TAR_NAME_MAX) {
    throw new Error(`Cannot pack "${name}": its name is too long`);
  }
  const header = new Uint8Array(BLOCK);
  const write = (at: number, text: string) =>
    header.set(encoder.encode(text), at);
  const octal = (value: number, digits: number) =>
    value.toString(8).padStart(digits, "0");
  write(0, name);
  write(100, `${octal(modeOf(isExecutable), 7)}\0`);
  write(108, `${octal(0, 7)}\0`); // owner
  write(116, `${octal(0, 7)}\0`); // group
  write(124, `${octal(bytes.length, 11)}\0`);
  write(136, `${octal(Math.floor(timeMs / 1000), 11)}\0`);
  write(148, " ".repeat(8)); // the checksum counts itself as spaces
  write(156, "0"); // a plain file
  write(257, "ustar\x0000");
  const sum = header.reduce((total, byte) => total + byte, 0);
  write(148, `${octal(sum, 6)}\0 `);
  return header;
}

/** What Info-ZIP calls its host: modes are those of Unix. */
const ZIP_HOST = 3;
const ZIP_VERSION = 20;
const ZIP_DEFLATED = 8;
const PLAIN_FILE = 0o100000;

/** Packs a `.zip`. */
export async function zip(
  files: readonly PackedFile[],
  timeMs: number,
): Promise<Bytes> {
  const parts: Bytes[] = [];
  const directory: Bytes[] = [];
  let offset = 0;
  for (const file of files) {
    const name = encoder.encode(file.name);
    const packed = await compress("deflate-raw", [file.bytes]);
    const common = zipFields(file, { name, packed, timeMs });
    const local = join([record(0x04034b50, 4), common, name, packed]);
    parts.push(local);
    directory.push(directoryEntry(file, { name, common, offset }));
    offset += local.length;
  }
  const listed = join(directory);
  return join([...parts, listed, zipEnd(files.length, listed.length, offset)]);
}

interface ZipParts {
  readonly name: Bytes;
  readonly packed: Bytes;
  readonly timeMs: number;
}

/** What the head of a file and its entry in the directory have in common. */
function zipFields(
  file: PackedFile,
  { name, packed, timeMs }: ZipParts,
): Bytes {
  const fields = new Uint8Array(26);
  const view = new DataView(fields.buffer);
  const { date, time } = dosTime(timeMs);
  view.setUint16(0, ZIP_VERSION, true);
  view.setUint16(4, ZIP_DEFLATED, true);
  view.setUint16(6, time, true);
  view.setUint16(8, date, true);
  view.setUint32(10, crc32(file.bytes), true);
  view.setUint32(14, packed.length, true);
  view.setUint32(18, file.bytes.length, true);
  view.setUint16(22, name.length, true);
  return fields;
}

function directoryEntry(
  { isExecutable }: PackedFile,
  { name, common, offset }: {
    readonly name: Bytes;
    readonly common: Bytes;
    readonly offset: number;
  },
): Bytes {
  const head = record(0x02014b50, 6);
  new DataView(head.buffer).setUint16(4, ZIP_HOST << 8 | ZIP_VERSION, true);
  const tail = new Uint8Array(14);
  const view = new DataView(tail.buffer);
  view.setUint32(6, (PLAIN_FILE | modeOf(isExecutable)) * 0x10000, true);
  view.setUint32(10, offset, true);
  return join([head, common, tail, name]);
}

function zipEnd(count: number, sizeBytes: number, offset: number): Bytes {
  const end = record(0x06054b50, 22);
  const view = new DataView(end.buffer);
  view.setUint16(8, count, true);
  view.setUint16(10, count, true);
  view.setUint32(12, sizeBytes, true);
  view.setUint32(16, offset, true);
  return end;
}

function record(signature: number, sizeBytes: number): Bytes {
  const bytes = new Uint8Array(sizeBytes);
  new DataView(bytes.buffer).setUint32(0, signature, true);
  return bytes;
}

/** Two seconds are the least that it can say, and 1980 the first year. */
function dosTime(
  timeMs: number,
): { readonly date: number; readonly time: number } {
  const at = new Date(timeMs);
  const date = Math.max(0, at.getUTCFullYear() - 1980) << 9 |
    at.getUTCMonth() + 1 << 5 | at.getUTCDate();
  const time = at.getUTCHours() << 11 | at.getUTCMinutes() << 5 |
    at.getUTCSeconds() >> 1;
  return { date, time };
}

const CRC_TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) {
    crc = crc & 1 ? 0xedb88320 ^ crc >>> 1 : crc >>> 1;
  }
  return crc;
});

function crc32(bytes: Bytes): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ crc >>> 8;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function modeOf(isExecutable: boolean): number {
  return isExecutable ? 0o755 : 0o644;
}

/** Its header names neither file nor time. */
async function compress(
  format: "gzip" | "deflate-raw",
  parts: readonly Bytes[],
): Promise<Bytes> {
  const packed = ReadableStream.from(parts)
    .pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

function join(parts: readonly Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, it) => sum + it.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
