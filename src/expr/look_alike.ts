/**
 * Texts that are expressions in other languages, and only text in this one.
 *
 * @module
 */

import type { ExpressionProblem } from "./failure.ts";

/** What other programs call what an expression may look at. */
const SUBJECTS = "context|env|input|inputs|item|output|secrets|steps|workflow";
/** `{{ .name }}`, alone; a name with a capital is one of Go, as of docker. */
const WHOLE_MUSTACHE = /^\s*\{\{-?\s*(\$?\.?[a-z_][\w.[\]]*)\s*-?\}\}\s*$/;
/** `{{ inputs.name }}`, anywhere. */
const MUSTACHE = new RegExp(
  String.raw`\{\{-?\s*(\$?\.?(?:${SUBJECTS})\.[\w.[\]]+)\s*-?\}\}`,
);
/** `=.name`, alone. */
const EQUALS = /^\s*=\s*([.$][A-Za-z_][\w.[\]]*)\s*$/;
/** `$context.name`, alone. */
const BARE_VARIABLE = /^\s*(\$([A-Za-z_]\w*)(?:\.\w+|\[\w+\])+)\s*$/;

/**
 * Warns of a text without `${ … }` that looks as if it was to be evaluated.
 *
 * @param variables What an expression may use there, without `$`; absent means
 * any.
 */
export function lookAlike(
  text: string,
  variables?: ReadonlySet<string>,
): ExpressionProblem | undefined {
  const mustache = WHOLE_MUSTACHE.exec(text) ?? MUSTACHE.exec(text);
  const found = mustache ?? EQUALS.exec(text) ?? variableIn(text, variables);
  if (found === null) return undefined;
  const [written, inner = ""] = found;
  return {
    offset: found.index + written.length - written.trimStart().length,
    message: `"${written.trim()}" is text here, and is not evaluated`,
    hint: `Write "\${ ${programOf(inner)} }" for an expression`,
  };
}

function variableIn(
  text: string,
  variables: ReadonlySet<string> | undefined,
): RegExpExecArray | null {
  const found = BARE_VARIABLE.exec(text);
  const isKnown = found !== null && variables?.has(found[2] ?? "") === true;
  return isKnown ? found : null;
}

/** `inputs.name` is called `$input.name` here, and `name` is `.name`. */
function programOf(inner: string): string {
  if (/^\.|^\$\w/.test(inner)) return inner.replace(/^\.inputs?\./, ".");
  return inner.replace(/^inputs?\./, "$input.").replace(
    /^(?:context|env|output|secrets|workflow)\./,
    (it) => `$${it}`,
  ).replace(/^(?!\$)/, ".");
}
