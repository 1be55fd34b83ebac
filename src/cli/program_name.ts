/**
 * Which files are scripts that define resources: they are run for them. It
 * stands apart because every command line is asked.
 *
 * @module
 */

/** Whether a file is a script that defines resources. */
export function isProgram(path: string): boolean {
  return /\.[mc]?[jt]s$/i.test(path);
}
