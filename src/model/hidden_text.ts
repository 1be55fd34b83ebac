/**
 * Characters that a model reads and a person does not see: zero-width, tag and
 * direction characters, terminal escapes.
 *
 * @module
 */

/**
 * What cannot be seen, but for line ends and tabs. A lone carriage return is
 * none: a terminal writes over the line with what follows. Made when it is asked
 * for, as the next: classes of Unicode take their time at a start.
 */
const unseen = (): RegExp =>
  /[\p{Default_Ignorable_Code_Point}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|[^\P{Cc}\n\t\r]|\r(?!\n)/gu;
/** Those that draw an emoji, and hide nothing. */
const emojis = (): RegExp =>
  /\p{Extended_Pictographic}(?:\u{fe0f}|\p{Emoji_Modifier})?(?:\u{200d}\p{Extended_Pictographic}(?:\u{fe0f}|\p{Emoji_Modifier})?)*|[0-9#*]\u{fe0f}\u{20e3}/gu;

/** Counts the characters of a text that cannot be seen. */
export function countHidden(text: string): number {
  return text.replaceAll(emojis(), "").match(unseen())?.length ?? 0;
}

/** Writes a text so that all of it is seen: `\u{200b}` for a zero-width space. */
export function visibleText(text: string): string {
  let shown = "";
  let end = 0;
  for (const emoji of text.matchAll(emojis())) {
    shown += escaped(text.slice(end, emoji.index)) + emoji[0];
    end = emoji.index + emoji[0].length;
  }
  return shown + escaped(text.slice(end));
}

/** The same in one line: a name of several could stand for what follows it. */
export function visibleLine(text: string): string {
  return visibleText(text).replaceAll("\r\n", "\\n").replaceAll("\n", "\\n");
}

function escaped(text: string): string {
  return text.replaceAll(
    unseen(),
    (it) =>
      it === "\r" ? "\\r" : `\\u{${it.codePointAt(0)?.toString(16) ?? ""}}`,
  );
}
