/**
 * A rule of tool permissions: a glob over `server:tool`, with conditions on
 * arguments after it, as `github:create_*` or `shell:cmd=git push*`. A bare
 * word means all tools of a server, or the workspace tool of that name.
 *
 * @module
 */

/** A rule, taken apart. */
export interface ToolRule {
  /** Pattern of the server's name, or the bare word. */
  readonly server: string;
  /** Pattern of the tool's name; absent for a bare word. */
  readonly tool?: string;
  readonly conditions: readonly ArgumentCondition[];
}

/** What an argument must look like. */
export interface ArgumentCondition {
  /** Its name; `a.b` is `b` in `a`. */
  readonly name: string;
  readonly glob: string;
}

/** A rule, or why a text is none. */
export type ReadRule =
  | { readonly kind: "rule"; readonly rule: ToolRule }
  | {
    readonly kind: "wrong";
    readonly message: string;
    readonly hint?: string;
    /** Where in the text it stands, in UTF-16 units from its start. */
    readonly offset?: number;
  };

/** Characters of a rule at the most. */
export const RULE_LENGTH_MAX = 500;

/** What begins a condition. A value has colons of its own: `url=https://…`. */
const CONDITION = /:([A-Za-z_][\w.-]*)=/g;
/** What a person cannot see in a rule. Made late, as Unicode takes its time. */
const unseen = (): RegExp => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** Takes a rule apart; `undefined` for what is none. */
export function parseToolRule(text: string): ToolRule | undefined {
  const read = readToolRule(text);
  return read.kind === "rule" ? read.rule : undefined;
}

/** Takes a rule apart, or says what is wrong with it. */
export function readToolRule(text: string): ReadRule {
  const wrong = wrongAsAWhole(text);
  if (wrong !== undefined) return wrong;
  const starts = [...text.matchAll(CONDITION)];
  const place = text.slice(0, starts[0]?.index ?? text.length);
  const fault = wrongPlace(place);
  if (fault !== undefined) return fault;
  const conditions = starts.map((start, i) => ({
    name: start[1] ?? "",
    glob: text.slice(
      start.index + start[0].length,
      starts[i + 1]?.index ?? text.length,
    ),
  }));
  const empty = conditions.findIndex(({ glob }) => glob === "");
  if (empty >= 0) {
    const { name = "" } = conditions[empty] ?? {};
    return {
      kind: "wrong",
      message: `The condition "${name}=" has no value`,
      hint: `Write ${name}=* for any value`,
      offset: (starts[empty]?.index ?? 0) + 1,
    };
  }
  const [server = "", tool] = place.split(":");
  return {
    kind: "rule",
    rule: { server, ...(tool === undefined ? {} : { tool }), conditions },
  };
}

function wrongAsAWhole(text: string): ReadRule | undefined {
  if (text === "") {
    const hint = 'Write "server:tool", as github:create_*';
    return { kind: "wrong", message: "A rule is empty", hint };
  }
  if (text.length > RULE_LENGTH_MAX) {
    const message =
      `A rule may have ${RULE_LENGTH_MAX} characters, this has ${text.length}`;
    return { kind: "wrong", message };
  }
  const offset = text.search(unseen());
  if (offset < 0) return undefined;
  const code = text.codePointAt(offset)?.toString(16).toUpperCase() ?? "";
  const name = `U+${code.padStart(4, "0")}`;
  return {
    kind: "wrong",
    message: `A rule has a character that nobody sees, ${name}`,
    hint: "Write ? in its place",
    offset,
  };
}

/** What is wrong with what stands before the conditions. */
function wrongPlace(place: string): ReadRule | undefined {
  const [server = "", tool, ...rest] = place.split(":");
  const equals = place.indexOf("=");
  if (equals >= 0) {
    return {
      kind: "wrong",
      message: `"${place}" names no argument before its "="`,
      hint: 'Write "server:tool:argument=value", as shell:cmd=git push*',
      offset: equals,
    };
  }
  const space = place.search(/\s/);
  if (space >= 0) {
    return {
      kind: "wrong",
      message: `"${place}" has a space in the place of a server or a tool`,
      hint: "Leave it out, or write ? in its place",
      offset: space,
    };
  }
  if (server === "" || tool === "") {
    return {
      kind: "wrong",
      message: `"${place}" names no ${server === "" ? "server" : "tool"}`,
      hint: "Write * for all of them",
    };
  }
  if (rest.length === 0) return undefined;
  return {
    kind: "wrong",
    message: `"${place}" has more parts than "server:tool"`,
    hint: 'Conditions are written "argument=value", as shell:cmd=git push*',
    offset: server.length + 1 + (tool?.length ?? 0),
  };
}
