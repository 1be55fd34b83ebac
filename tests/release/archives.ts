/**
 * Archives of releases, good ones and odd ones.
 *
 * @module
 */

/** A file of an archive. */
export interface Packed {
  readonly name: string;
  readonly content: string | Uint8Array<ArrayBuffer>;
  /** Kind of a tar entry; `0` is a plain file. */
  readonly kind?: string;
}

const BLOCK_BYTES = 512;

/** Writes a `.tar.gz`. */
export async function tarGz(
  files: readonly Packed[],
): Promise<Uint8Array<ArrayBuffer>> {
  return await gzip(tar(files));
}

/** Packs bytes by gzip. */
export async function gzip(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([bytes]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return await new Response(packed).bytes();
}

/** Writes a `.tar`. */
export function tar(files: readonly Packed[]): Uint8Array<ArrayBuffer> {
  const blocks = files.flatMap(({ name, content, kind = "0" }) => {
    const bytes = bytesOf(content);
    const padded = new Uint8Array(
      Math.ceil(bytes.length / BLOCK_BYTES) * BLOCK_BYTES,
    );
    padded.set(bytes);
    return [header(name, bytes.length, kind), padded];
  });
  return joined([...blocks, new Uint8Array(2 * BLOCK_BYTES)]);
}

function header(
  name: string,
  size: number,
  kind: string,
): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(BLOCK_BYTES);
  const put = (text: string, at: number): void =>
    block.set(bytesOf(text).subarray(0, BLOCK_BYTES - at), at);
  put(name.slice(0, 100), 0);
  put("0000755\0", 100);
  put("0000000\0", 108);
  put("0000000\0", 116);
  put(`${size.toString(8).padStart(11, "0")}\0`, 124);
  put("00000000000\0", 136);
  put("        ", 148);
  put(kind, 156);
  put("ustar\x0000", 257);
  const sum = block.reduce((all, it) => all + it, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

/** Writes a `.zip` whose files are stored as they are. */
export function zip(files: readonly Packed[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  for (const { name, content } of files) {
    const bytes = bytesOf(content);
    const shared = zipFields(bytes, bytesOf(name).length);
    const local = joined([
      Uint8Array.of(0x50, 0x4b, 3, 4),
      shared,
      bytesOf(name),
      bytes,
    ]);
    const rest = new DataView(new ArrayBuffer(14));
    rest.setUint32(6, 0o100755 * 2 ** 16, true);
    rest.setUint32(10, at, true);
    directory.push(joined([
      Uint8Array.of(0x50, 0x4b, 1, 2, 20, 3),
      shared,
      new Uint8Array(rest.buffer),
      bytesOf(name),
    ]));
    parts.push(local);
    at += local.length;
  }
  const central = joined(directory);
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, files.length, true);
  end.setUint16(10, files.length, true);
  end.setUint32(12, central.length, true);
  end.setUint32(16, at, true);
  return joined([...parts, central, new Uint8Array(end.buffer)]);
}

/** What a local header and one of the directory have in common. */
function zipFields(
  bytes: Uint8Array<ArrayBuffer>,
  nameLength: number,
): Uint8Array<ArrayBuffer> {
  const fields = new DataView(new ArrayBuffer(26));
  fields.setUint16(0, 20, true);
  fields.setUint16(8, 0x21, true);
  fields.setUint32(10, crc32(bytes), true);
  fields.setUint32(14, bytes.length, true);
  fields.setUint32(18, bytes.length, true);
  fields.setUint16(22, nameLength, true);
  return new Uint8Array(fields.buffer);
}

function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let i = 0; i < 8; i++) {
      sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
    }
  }
  return (sum ^ 0xffffffff) >>> 0;
}

function bytesOf(
  content: string | Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  return typeof content === "string"
    ? new TextEncoder().encode(content)
    : content;
}

function joined(
  parts: readonly Uint8Array<ArrayBuffer>[],
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((all, it) => all + it.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
