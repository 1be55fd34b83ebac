/**
 * What people take for one sign each.
 *
 * @module
 */

let segmenter: Intl.Segmenter | undefined;

/** Cuts a text into its signs. */
export function graphemesOf(text: string): Intl.Segments {
  // Made when it is needed: what it knows of languages takes time to load.
  return (segmenter ??= new Intl.Segmenter()).segment(text);
}
