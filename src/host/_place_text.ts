/**
 * Where somebody is, as the servers of both kinds say it.
 *
 * @module
 */

/** Address and port as a URL has them. */
export function placeText(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
