/**
 * SHA-256 (FIPS 180-4) in one synchronous call.
 *
 * The platform's own is asynchronous, and a transaction must not wait in its
 * middle; `node:crypto` costs every start 17 ms for what few runs need.
 *
 * @module
 */

const BLOCK_BYTES = 64;
const LENGTH_BYTES = 8;

/** What every sum is made with. */
interface Constants {
  readonly rounds: Uint32Array;
  readonly start: Uint32Array;
}

/** Made with the first sum: most starts make none. */
let made: Constants | undefined;

function constants(): Constants {
  return made ??= {
    rounds: primeRoots(64, 1 / 3),
    start: primeRoots(8, 1 / 2),
  };
}

/** Gives the SHA-256 of some bytes as 64 hexadecimal digits. */
export function sha256Hex(bytes: Uint8Array): string {
  const state = new Uint32Array(constants().start);
  const words = new Uint32Array(64);
  const whole = bytes.length - bytes.length % BLOCK_BYTES;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < whole; at += BLOCK_BYTES) {
    compress(state, view, { at, words });
  }
  const tail = padded(bytes.subarray(whole), bytes.length);
  const tailView = new DataView(tail.buffer);
  for (let at = 0; at < tail.length; at += BLOCK_BYTES) {
    compress(state, tailView, { at, words });
  }
  return [...state].map((word) => word.toString(16).padStart(8, "0")).join("");
}

/** Ends a message: a bit, zeros, and its length in bits. */
function padded(
  rest: Uint8Array,
  lengthBytes: number,
): Uint8Array<ArrayBuffer> {
  const blocks = rest.length + 1 + LENGTH_BYTES > BLOCK_BYTES ? 2 : 1;
  const tail = new Uint8Array(blocks * BLOCK_BYTES);
  tail.set(rest);
  tail[rest.length] = 0x80;
  new DataView(tail.buffer).setBigUint64(
    tail.length - LENGTH_BYTES,
    BigInt(lengthBytes) * 8n,
  );
  return tail;
}

function compress(
  state: Uint32Array,
  view: DataView,
  { at, words }: { readonly at: number; readonly words: Uint32Array },
): void {
  for (let i = 0; i < 16; i++) words[i] = view.getUint32(at + i * 4);
  for (let i = 16; i < 64; i++) {
    const w15 = words[i - 15] ?? 0;
    const w2 = words[i - 2] ?? 0;
    const s0 = turn(w15, 7) ^ turn(w15, 18) ^ (w15 >>> 3);
    const s1 = turn(w2, 17) ^ turn(w2, 19) ^ (w2 >>> 10);
    words[i] = (words[i - 16] ?? 0) + s0 + (words[i - 7] ?? 0) + s1;
  }
  const { rounds } = constants();
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < 64; i++) {
    const sum1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const choice = (e & f) ^ (~e & g);
    const t1 = (h + sum1 + choice + (rounds[i] ?? 0) + (words[i] ?? 0)) | 0;
    const sum0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + sum0 + majority) | 0;
  }
  const sums = [a, b, c, d, e, f, g, h];
  for (let i = 0; i < 8; i++) state[i] = (state[i] ?? 0) + (sums[i] ?? 0);
}

/** Turns a word right. */
function turn(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

/** The first 32 bits of the fractional parts of roots of the first primes. */
function primeRoots(count: number, power: number): Uint32Array {
  const roots: number[] = [];
  for (let n = 2; roots.length < count; n++) {
    if (!isPrime(n)) continue;
    const root = n ** power;
    roots.push((root - Math.floor(root)) * 2 ** 32);
  }
  return Uint32Array.from(roots, (it) => Math.floor(it));
}

function isPrime(n: number): boolean {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return true;
}
