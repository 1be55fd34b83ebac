/**
 * Has the protobuf runtime compile for a message only what it meets in one.
 * As published it compiles, with the first message of a type, readers and
 * writers of all types below it, and reads the descriptions of all these.
 * Pure.
 *
 * @module
 */

/** A text of the runtime, how often it stands there, and what takes its place. */
interface Edit {
  readonly from: string;
  readonly count: number;
  readonly to: string;
}

const EDITS: readonly Edit[] = [
  // The name decides first: only that of a wrapper has its fields read.
  {
    from: `  const f = messageDesc2.fields[0];
  return isWrapperTypeName(messageDesc2.typeName) && f !== void 0`,
    count: 1,
    to: `  if (!isWrapperTypeName(messageDesc2.typeName)) return false;
  const f = messageDesc2.fields[0];
  return f !== void 0`,
  },
  // From binary.
  {
    from: "fieldReaders.set(field.number, compileFieldReader(field));",
    count: 1,
    to: "fieldReaders.set(field.number, late(compileFieldReader, field));",
  },
  // To binary.
  {
    from: "compiledWriter(field.message)",
    count: 2,
    to: "late(compiledWriter, field.message)",
  },
  {
    from: "const writeValue = compileSingularValue(field);",
    count: 1,
    to: "const writeValue = late(compileSingularValue, field);",
  },
  // From JSON.
  {
    from: "read: compileFieldReader2(field),",
    count: 1,
    to: "read: late(compileFieldReader2, field),",
  },
  // To JSON.
  {
    from: "compiledWriter2(field.message)",
    count: 1,
    to: "late(compiledWriter2, field.message)",
  },
  {
    from: "const writeValue = compileSingularValue2(field);",
    count: 1,
    to: "const writeValue = late(compileSingularValue2, field);",
  },
];

const LATE = `
function late(compile, desc) {
  let compiled;
  return (a, b, c, d) => (compiled ??= compile(desc))(a, b, c, d);
}
`;

/**
 * The code of the runtime with these edits.
 *
 * @throws Error when one of the texts does not stand there as often as it did:
 * the runtime is another one.
 */
export function withLateCompilers(code: string): string {
  return EDITS.reduce(edited, code) + LATE;
}

function edited(code: string, { from, count, to }: Edit): string {
  const parts = code.split(from);
  if (parts.length !== count + 1) {
    throw new Error(
      `Not in the runtime ${count} times, but ${parts.length - 1}: ${from}`,
    );
  }
  return parts.join(to);
}
