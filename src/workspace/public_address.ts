/**
 * Which addresses of the network are public, and which are of this machine, of
 * its own network or of nobody.
 *
 * @module
 */

/** Blocks of IPv4 that are not public: first address and length of prefix. */
const RESERVED_4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  // What a cloud tells its machines, under a public address (Azure).
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];

/** Says whether an address is public; what is none is not. */
export function isPublicAddress(address: string): boolean {
  const four = bytesOf4(address);
  if (four !== undefined) return isPublic4(four);
  const six = groupsOf6(address);
  return six !== undefined && isPublic6(six);
}

/** Says whether a host of a URL is an address and no name. */
export function isAddress(hostname: string): boolean {
  return /^\[.*\]$/.test(hostname) || bytesOf4(hostname) !== undefined;
}

function isPublic4(address: number): boolean {
  return !RESERVED_4.some(([first, length]) => {
    const shift = 32 - length;
    return address >>> shift === (bytesOf4(first) ?? 0) >>> shift;
  });
}

/**
 * Of IPv6, only what is routed: 2000::/3 without what stands in it for
 * documents or for addresses of IPv4, which may be of anywhere.
 */
function isPublic6(groups: readonly number[]): boolean {
  const [a = 0, b = 0] = groups;
  if (a >>> 13 !== 1) return false;
  if (a === 0x2002 || a === 0x3fff) return false;
  // Teredo, benchmarks, ORCHID and documents: 2001::/23 and 2001:db8::/32.
  return !(a === 0x2001 && (b < 0x0200 || b === 0x0db8));
}

function bytesOf4(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const bytes = match.slice(1).map(Number);
  if (bytes.some((it) => it > 255)) return undefined;
  return bytes.reduce((sum, it) => sum * 256 + it, 0);
}

function groupsOf6(text: string): readonly number[] | undefined {
  try {
    // The one form of an address is what a URL has of it.
    const { hostname } = new URL(`http://[${text.replace(/^\[|\]$/g, "")}]/`);
    const [head = "", tail] = hostname.slice(1, -1).split("::");
    const first = hexOf(head);
    const last = tail === undefined ? [] : hexOf(tail);
    const zeros = Array<number>(8 - first.length - last.length).fill(0);
    return [...first, ...zeros, ...last];
  } catch {
    return undefined;
  }
}

function hexOf(text: string): readonly number[] {
  return text === "" ? [] : text.split(":").map((it) => parseInt(it, 16));
}
