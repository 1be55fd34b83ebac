/**
 * Names that are no file's on some system, whatever the one at hand allows:
 * what is written here may be read there.
 *
 * @module
 */

/** What Windows takes for a device, with any ending. */
const DEVICE_REGEXP =
  /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])\s*(?:\..*)?$/i;

/** Says whether Windows takes a name for a device, as `con` or `NUL.txt`. */
export function isDeviceName(name: string): boolean {
  return DEVICE_REGEXP.test(name);
}
