/**
 * The smallest files that `deno compile` takes for its runtime. An executable
 * of them starts nothing, and carries all that the real one would carry, so
 * the gate can read back what is built for every machine without a download.
 *
 * @module
 */

import type { Target } from "./targets.ts";

/** Makes the base for one machine. */
export function standIn({ os, arch }: Target): Uint8Array<ArrayBuffer> {
  switch (os) {
    case "linux":
      return emptyElf(arch);
    case "darwin":
      return emptyMachO(arch);
    case "windows":
      return emptyPe(arch);
  }
}

type Arch = Target["arch"];

/** A header and one program header. */
function emptyElf(arch: Arch): Uint8Array<ArrayBuffer> {
  const headerSize = 64;
  const programHeaderSize = 56;
  const size = headerSize + programHeaderSize;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]);
  view.setUint16(16, 2, true); // executable
  view.setUint16(18, arch === "x64" ? 62 : 183, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, 0x400000n, true); // entry
  view.setBigUint64(32, BigInt(headerSize), true); // program headers
  view.setUint16(52, headerSize, true);
  view.setUint16(54, programHeaderSize, true);
  view.setUint16(56, 1, true); // one of them
  view.setUint16(58, 64, true);
  view.setUint32(headerSize, 1, true); // to be loaded
  view.setUint32(headerSize + 4, 5, true); // read, execute
  view.setBigUint64(headerSize + 16, 0x400000n, true);
  view.setBigUint64(headerSize + 24, 0x400000n, true);
  view.setBigUint64(headerSize + 32, BigInt(size), true);
  view.setBigUint64(headerSize + 40, BigInt(size), true);
  view.setBigUint64(headerSize + 48, 0x1000n, true);
  return bytes;
}

const PAGE = 0x4000;
const SEGMENT_SIZE = 72;
const SIGNATURE_COMMAND_SIZE = 16;
const SIGNATURE_SIZE = 16;

/**
 * A page of code with the commands in it, and the page of the linker with a
 * signature to be replaced. What is left of the first page is room for the
 * command of the section that is added.
 */
function emptyMachO(arch: Arch): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(PAGE + SIGNATURE_SIZE);
  const view = new DataView(bytes.buffer);
  const headerSize = 32;
  view.setUint32(0, 0xfeedfacf, true);
  view.setUint32(4, arch === "x64" ? 0x01000007 : 0x0100000c, true);
  view.setUint32(8, arch === "x64" ? 3 : 0, true);
  view.setUint32(12, 2, true); // executable
  view.setUint32(16, 3, true); // commands
  view.setUint32(20, 2 * SEGMENT_SIZE + SIGNATURE_COMMAND_SIZE, true);
  const base = 0x100000000n;
  setSegment(bytes, headerSize, {
    name: "__TEXT",
    address: base,
    offset: 0,
    size: PAGE,
    protection: 5,
  });
  setSegment(bytes, headerSize + SEGMENT_SIZE, {
    name: "__LINKEDIT",
    address: base + BigInt(PAGE),
    offset: PAGE,
    size: SIGNATURE_SIZE,
    protection: 1,
  });
  const at = headerSize + 2 * SEGMENT_SIZE;
  view.setUint32(at, 0x1d, true); // signature
  view.setUint32(at + 4, SIGNATURE_COMMAND_SIZE, true);
  view.setUint32(at + 8, PAGE, true);
  view.setUint32(at + 12, SIGNATURE_SIZE, true);
  return bytes;
}

interface Segment {
  readonly name: string;
  readonly address: bigint;
  readonly offset: number;
  readonly size: number;
  readonly protection: number;
}

function setSegment(
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
  { name, address, offset, size, protection }: Segment,
): void {
  const view = new DataView(bytes.buffer, at);
  view.setUint32(0, 0x19, true); // segment of 64 bits
  view.setUint32(4, SEGMENT_SIZE, true);
  bytes.set(new TextEncoder().encode(name), at + 8);
  view.setBigUint64(24, address, true);
  view.setBigUint64(32, BigInt(PAGE), true);
  view.setBigUint64(40, BigInt(offset), true);
  view.setBigUint64(48, BigInt(size), true);
  view.setUint32(56, protection, true);
  view.setUint32(60, protection, true);
}

/** The headers and one section, of resources, with none in it. */
function emptyPe(arch: Arch): Uint8Array<ArrayBuffer> {
  const fileAlignment = 0x200;
  const sectionAlignment = 0x1000;
  const bytes = new Uint8Array(2 * fileAlignment);
  const view = new DataView(bytes.buffer);
  const signatureAt = 0x40;
  const coffAt = signatureAt + 4;
  const optionalAt = coffAt + 20;
  const directories = 16;
  const optionalSize = 112 + directories * 8;
  const sectionAt = optionalAt + optionalSize;
  const resourcesSize = 16;
  bytes.set([0x4d, 0x5a]); // MZ
  view.setUint32(0x3c, signatureAt, true);
  bytes.set([0x50, 0x45], signatureAt); // PE
  view.setUint16(coffAt, arch === "x64" ? 0x8664 : 0xaa64, true);
  view.setUint16(coffAt + 2, 1, true); // sections
  view.setUint16(coffAt + 16, optionalSize, true);
  view.setUint16(coffAt + 18, 0x22, true); // executable, large addresses
  view.setUint16(optionalAt, 0x20b, true); // 64 bits
  view.setUint32(optionalAt + 8, fileAlignment, true); // data
  view.setBigUint64(optionalAt + 24, 0x140000000n, true);
  view.setUint32(optionalAt + 32, sectionAlignment, true);
  view.setUint32(optionalAt + 36, fileAlignment, true);
  view.setUint16(optionalAt + 40, 6, true); // system
  view.setUint16(optionalAt + 48, 6, true); // subsystem
  view.setUint32(optionalAt + 56, 2 * sectionAlignment, true); // image
  view.setUint32(optionalAt + 60, fileAlignment, true); // headers
  view.setUint16(optionalAt + 68, 3, true); // of the console
  view.setUint32(optionalAt + 108, directories, true);
  const resourceDirectory = optionalAt + 112 + 2 * 8;
  view.setUint32(resourceDirectory, sectionAlignment, true);
  view.setUint32(resourceDirectory + 4, resourcesSize, true);
  bytes.set(new TextEncoder().encode(".rsrc"), sectionAt);
  view.setUint32(sectionAt + 8, resourcesSize, true);
  view.setUint32(sectionAt + 12, sectionAlignment, true);
  view.setUint32(sectionAt + 16, fileAlignment, true);
  view.setUint32(sectionAt + 20, fileAlignment, true);
  view.setUint32(sectionAt + 36, 0x40000040, true); // data, to be read
  return bytes;
}
