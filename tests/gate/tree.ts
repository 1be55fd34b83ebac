/**
 * The files of this repository, for tests of other folders.
 *
 * @module
 */

export { exists, listFiles, readText } from "./_tree.ts";
