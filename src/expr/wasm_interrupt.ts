/**
 * Makes a WebAssembly module stop when it is told to.
 *
 * Ending a worker does not stop what it computes: `terminate()` of Deno 2.9
 * leaves an endless loop of a worker running until the process ends. So each
 * loop of the module is given a counter, and each time it has run down, the
 * module calls back; a callback that throws ends the program. It costs a few
 * per cent.
 *
 * @module
 */

/** What the module looks like after the change. */
export interface Interruptible {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where the callback is among the imports; it is called for its own sake, too. */
  readonly importModule: string;
  readonly importName: string;
}

/** Under which name the counter is exported. */
export const COUNTER_EXPORT = "stigmer_counter";

const SECTION = { import: 2, global: 6, export: 7, code: 10, type: 1 } as const;
const LOOP = 0x03;

/** Reads bytes and the numbers of the format. */
class Reader {
  readonly bytes: Uint8Array<ArrayBuffer>;
  at: number;

  constructor(bytes: Uint8Array<ArrayBuffer>, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const value = this.bytes[this.at];
    if (value === undefined) throw new RangeError("WebAssembly ends too early");
    this.at += 1;
    return value;
  }

  /** An unsigned number in LEB128. */
  number(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError("A number of the WebAssembly is too long");
  }

  /** Skips a number of any length and sign. */
  skipNumber(): void {
    while (this.byte() >= 0x80);
  }

  name(): string {
    const length = this.number();
    this.at += length;
    return new TextDecoder().decode(
      this.bytes.subarray(this.at - length, this.at),
    );
  }
}

/** What is known of a module besides its code. */
interface Facts {
  readonly callback: number;
  readonly importModule: string;
  readonly importName: string;
  readonly counter: number;
}

/** Adds the counter to each loop of a module. */
export function makeInterruptible(
  bytes: Uint8Array<ArrayBuffer>,
): Interruptible {
  const sections = readSections(bytes);
  const facts = readFacts(bytes, sections);
  const parts: Uint8Array<ArrayBuffer>[] = [bytes.subarray(0, 8)];
  for (const { id, start, end } of sections) {
    const body = bytes.subarray(start, end);
    parts.push(...writeSection(id, changed({ id, body, facts })));
  }
  return {
    bytes: join(parts),
    importModule: facts.importModule,
    importName: facts.importName,
  };
}

interface Section {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

function readSections(bytes: Uint8Array<ArrayBuffer>): readonly Section[] {
  const reader = new Reader(bytes, 8);
  const sections: Section[] = [];
  while (reader.at < bytes.length) {
    const id = reader.byte();
    const size = reader.number();
    sections.push({ id, start: reader.at, end: reader.at + size });
    reader.at += size;
  }
  return sections;
}

function sectionReader(
  bytes: Uint8Array<ArrayBuffer>,
  sections: readonly Section[],
  id: number,
): Reader {
  const section = sections.find((candidate) => candidate.id === id);
  if (section === undefined) {
    throw new RangeError(`The WebAssembly has no section ${id}`);
  }
  return new Reader(bytes, section.start);
}

/** Finds a callback without parameters among the imports, and counts globals. */
function readFacts(
  bytes: Uint8Array<ArrayBuffer>,
  sections: readonly Section[],
): Facts {
  const plain = readPlainType(sectionReader(bytes, sections, SECTION.type));
  const reader = sectionReader(bytes, sections, SECTION.import);
  let functions = 0;
  let globals = 0;
  let found: Omit<Facts, "counter"> | undefined;
  for (let left = reader.number(); left > 0; left--) {
    const [importModule, importName] = [reader.name(), reader.name()];
    const kind = reader.byte();
    if (kind === 0) {
      if (reader.number() === plain) {
        found ??= { callback: functions, importModule, importName };
      }
      functions += 1;
    } else {
      if (kind === 3) globals += 1;
      skipImport(reader, kind);
    }
  }
  if (found === undefined) {
    throw new RangeError("The WebAssembly imports no function () -> ()");
  }
  const own = sectionReader(bytes, sections, SECTION.global).number();
  return { ...found, counter: globals + own };
}

/** The index of the type `() -> ()`. */
function readPlainType(reader: Reader): number {
  const count = reader.number();
  for (let i = 0; i < count; i++) {
    reader.byte();
    const parameters = reader.number();
    reader.at += parameters;
    const results = reader.number();
    reader.at += results;
    if (parameters === 0 && results === 0) return i;
  }
  throw new RangeError("The WebAssembly has no type () -> ()");
}

function skipImport(reader: Reader, kind: number): void {
  if (kind === 3) {
    reader.at += 2;
    return;
  }
  if (kind === 1 || kind === 4) reader.at += 1;
  if (kind === 4) {
    reader.skipNumber();
    return;
  }
  const flags = reader.byte();
  reader.skipNumber();
  if ((flags & 1) === 1) reader.skipNumber();
}

function changed({ id, body, facts }: {
  readonly id: number;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly facts: Facts;
}): readonly Uint8Array<ArrayBuffer>[] {
  switch (id) {
    case SECTION.global:
      // A mutable i32 that begins at 0.
      return withOneMore(body, [0x7f, 0x01, 0x41, 0x00, 0x0b]);
    case SECTION.export: {
      const name = new TextEncoder().encode(COUNTER_EXPORT);
      return withOneMore(body, [
        name.length,
        ...name,
        0x03,
        ...leb(facts.counter),
      ]);
    }
    case SECTION.code:
      return changeCode(body, facts);
    default:
      return [body];
  }
}

/** Adds an entry at the end of a section that begins with their number. */
function withOneMore(
  body: Uint8Array<ArrayBuffer>,
  entry: readonly number[],
): readonly Uint8Array<ArrayBuffer>[] {
  const reader = new Reader(body);
  const count = reader.number();
  return [
    Uint8Array.from(leb(count + 1)),
    body.subarray(reader.at),
    Uint8Array.from(entry),
  ];
}

function changeCode(
  body: Uint8Array<ArrayBuffer>,
  facts: Facts,
): readonly Uint8Array<ArrayBuffer>[] {
  const reader = new Reader(body);
  const count = reader.number();
  const check = checkCode(facts);
  const parts: Uint8Array<ArrayBuffer>[] = [body.subarray(0, reader.at)];
  for (let i = 0; i < count; i++) {
    const size = reader.number();
    const end = reader.at + size;
    const pieces = changeFunction(reader, end, check);
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    parts.push(Uint8Array.from(leb(length)), ...pieces);
  }
  return parts;
}

/** `if (counter == 0) callback(); counter -= 1;` */
function checkCode(
  { counter, callback }: Facts,
): Uint8Array<ArrayBuffer> {
  const index = leb(counter);
  return Uint8Array.from([
    ...[0x23, ...index, 0x45, 0x04, 0x40, 0x10, ...leb(callback), 0x0b],
    ...[0x23, ...index, 0x41, 0x01, 0x6b, 0x24, ...index],
  ]);
}

function changeFunction(
  reader: Reader,
  end: number,
  check: Uint8Array<ArrayBuffer>,
): readonly Uint8Array<ArrayBuffer>[] {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let start = reader.at;
  for (let locals = reader.number(); locals > 0; locals--) {
    reader.number();
    reader.byte();
  }
  while (reader.at < end) {
    const code = reader.byte();
    skipImmediates(reader, code);
    if (code !== LOOP) continue;
    pieces.push(reader.bytes.subarray(start, reader.at), check);
    start = reader.at;
  }
  if (reader.at !== end) {
    throw new RangeError("A function of the WebAssembly could not be read");
  }
  pieces.push(reader.bytes.subarray(start, end));
  return pieces;
}

/** Skips what follows the code of an instruction. */
function skipImmediates(reader: Reader, code: number): void {
  if (code >= 0x28 && code <= 0x3e) return skipNumbers(reader, 2);
  if (code >= 0x20 && code <= 0x26) return reader.skipNumber();
  if (code >= 0x45 && code <= 0xc4) return;
  switch (code) {
    case 0x02: // block
    case 0x03: // loop
    case 0x04: // if
    case 0x0c: // br
    case 0x0d: // br_if
    case 0x10: // call
    case 0x12: // return_call
    case 0x3f: // memory.size
    case 0x40: // memory.grow
    case 0x41: // i32.const
    case 0x42: // i64.const
    case 0xd0: // ref.null
    case 0xd2: // ref.func
      return reader.skipNumber();
    case 0x0e: // br_table
      return skipNumbers(reader, reader.number() + 1);
    case 0x1c: // select with types
      return skipNumbers(reader, reader.number());
    case 0x11: // call_indirect
    case 0x13: // return_call_indirect
      return skipNumbers(reader, 2);
    case 0x43: // f32.const
      reader.at += 4;
      return;
    case 0x44: // f64.const
      reader.at += 8;
      return;
    case 0xfc:
      return skipMiscellaneous(reader);
    case 0x00: // unreachable
    case 0x01: // nop
    case 0x05: // else
    case 0x0b: // end
    case 0x0f: // return
    case 0x1a: // drop
    case 0x1b: // select
    case 0xd1: // ref.is_null
      return;
    default:
      throw new RangeError(
        `The WebAssembly has an unknown instruction 0x${code.toString(16)}`,
      );
  }
}

/** Saturating conversions have no more; the bulk operations have one or two. */
function skipMiscellaneous(reader: Reader): void {
  const code = reader.number();
  if (code <= 7) return;
  skipNumbers(reader, [8, 10, 12, 14].includes(code) ? 2 : 1);
}

function skipNumbers(reader: Reader, count: number): void {
  for (let i = 0; i < count; i++) reader.skipNumber();
}

function writeSection(
  id: number,
  parts: readonly Uint8Array<ArrayBuffer>[],
): readonly Uint8Array<ArrayBuffer>[] {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  return [Uint8Array.from([id, ...leb(size)]), ...parts];
}

function leb(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return bytes;
}

function join(
  parts: readonly Uint8Array<ArrayBuffer>[],
): Uint8Array<ArrayBuffer> {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const joined = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
