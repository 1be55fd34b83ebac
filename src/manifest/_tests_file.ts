/**
 * From the tree of a file of tests to its cases.
 *
 * @module
 */

import type { Place } from "./_decode_scalar.ts";
import { lineAt, type SourceText } from "./_lines.ts";
import type { SourceNode } from "./_node.ts";
import type { Report } from "./_report.ts";
import { millisecondsOf } from "./_tests_duration.ts";
import { decodeExpect } from "./_tests_expect.ts";
import {
  entriesOf,
  itemsOf,
  jsonOf,
  type Member,
  type Members,
  membersOf,
  onlyOneOf,
  refuse,
  textOf,
  writtenTextOf,
} from "./_tests_members.ts";
import {
  type ModelSource,
  type SecretSource,
  TEST_CASES_MAX,
  type TestCase,
  type TestFile,
  type TestTarget,
} from "./test_case.ts";

/** What a file can say once for all of its cases. */
const SHARED_KEYS = [
  "agent",
  "workflow",
  "definitions",
  "skills",
  "workspace",
  "environment",
  "secrets",
  "timeout",
  "approve",
] as const;
/** The keys of a file. */
export const FILE_KEYS: readonly string[] = [
  ...SHARED_KEYS,
  "cases",
];
/** The keys of a case. */
export const CASE_KEYS: readonly string[] = [
  "name",
  ...SHARED_KEYS,
  "message",
  "messages",
  "input",
  "script",
  "cassette",
  "model",
  "skip",
  "expect",
];
/** What becomes of tool calls that a person is to be asked about. */
export const APPROVE_WORDS = ["all", "none"] as const;
/** A variable in the place of a secret, and a value where it is not set. */
export const SECRET_REGEXP: RegExp =
  /^\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?\}$/s;

/** Reads the whole of a file. */
export function decodeTests(
  root: SourceNode,
  of: { readonly report: Report; readonly source: SourceText },
): Omit<TestFile, "locate"> | undefined {
  const at: Place = { report: of.report, pointer: "" };
  const members = membersOf({ node: root, at }, FILE_KEYS);
  if (members === undefined) return undefined;
  const list = members.get("cases");
  if (list === undefined) refuse({ node: root, at }, 'It has no "cases"');
  const items = list === undefined ? [] : itemsOf(list);
  if (list !== undefined && items.length > TEST_CASES_MAX) {
    refuse(list, `A file may hold ${TEST_CASES_MAX} cases`);
  }
  const names = new Map<string, number>();
  const cases = items.slice(0, TEST_CASES_MAX).flatMap((item) => {
    const line = lineAt(of.source, item.node.start);
    const found = decodeCase(item, { file: members, line });
    const first = found && names.get(found.name);
    if (found !== undefined && first !== undefined) {
      const span = membersOf(item, CASE_KEYS)?.get("name") ?? item;
      refuse(
        span,
        `Case "${found.name}" is given twice, first in line ${first}`,
      );
    }
    if (found !== undefined) names.set(found.name, line);
    return found ?? [];
  });
  return {
    file: of.source.file,
    cases,
  };
}

function decodeCase(
  item: Member,
  of: { readonly file: Members; readonly line: number },
): TestCase | undefined {
  const own = membersOf(item, CASE_KEYS);
  if (own === undefined) return undefined;
  const shared = (key: string): Member | undefined =>
    own.get(key) ?? of.file.get(key);
  const name = textOf(own.get("name"));
  if (!own.has("name")) refuse(item, 'A case needs "name"');
  const target = targetOf(own) ?? targetOf(of.file);
  if (target === undefined && !hasTarget(own) && !hasTarget(of.file)) {
    refuse(item, 'It is not said what to test, give "agent" or "workflow"');
  }
  const workspace = textOf(shared("workspace"));
  const timeoutMs = millisecondsOf(shared("timeout"));
  const approve = approveOf(shared("approve"));
  const skip = textOf(own.get("skip"));
  const input = own.get("input");
  const { start } = item.node;
  const first = item.node.kind === "map" ? item.node.entries[0] : undefined;
  const rest = {
    line: of.line,
    span: first?.keySpan ?? { start, end: start + 1 },
    definitions: textsOf(shared("definitions")),
    skills: textsOf(shared("skills")),
    messages: messagesOf(own),
    ...(input === undefined ? {} : { input: jsonOf(input) }),
    model: modelOf(own),
    ...(workspace === undefined ? {} : { workspace }),
    environment: {
      ...environmentOf(of.file),
      ...environmentOf(own),
    },
    secrets: { ...secretsOf(of.file), ...secretsOf(own) },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(approve === undefined ? {} : { approve }),
    ...(skip === undefined ? {} : { skip }),
    expect: decodeExpect(own.get("expect")),
  };
  if (name === undefined || target === undefined) return undefined;
  refuseUnfit(item, { own, target, input: rest.input !== undefined });
  return { name, target, ...rest };
}

/** Refuses what an agent or a workflow cannot be given. */
function refuseUnfit(
  item: Member,
  of: {
    readonly own: Members;
    readonly target: TestTarget;
    readonly input: boolean;
  },
): void {
  const message = of.own.get("message") ?? of.own.get("messages");
  if (of.target.kind === "Workflow" && message !== undefined) {
    refuse(message, "A workflow takes no message", 'Give it "input"');
  }
  if (of.target.kind === "Agent" && message === undefined && !of.input) {
    refuse(item, 'An agent needs "message", "messages" or "input"');
  }
}

function hasTarget(members: Members): boolean {
  return members.has("agent") || members.has("workflow");
}

function targetOf(members: Members): TestTarget | undefined {
  const member = onlyOneOf(members, ["agent", "workflow"]);
  const text = textOf(member);
  if (text === undefined) return undefined;
  const [, file = "", name] = /^(.*?)(?:#(.*))?$/s.exec(text) ?? [];
  const kind = members.has("agent") ? "Agent" : "Workflow";
  const { start = 0, end = 0 } = member?.node ?? {};
  const span = { start, end };
  return { kind, file, span, ...(name === undefined ? {} : { name }) };
}

/** Nobody is there to be asked. */
function approveOf(member: Member | undefined): TestCase["approve"] {
  const text = textOf(member);
  if (member === undefined || text === undefined) return undefined;
  const word = APPROVE_WORDS.find((it) => it === text);
  if (word === undefined) {
    const hint = `Write ${APPROVE_WORDS.join(" or ")}`;
    refuse(member, `A test cannot approve "${text}" of tool calls`, hint);
  }
  return word;
}

function messagesOf(own: Members): readonly string[] {
  const member = onlyOneOf(own, ["message", "messages"]);
  if (member === undefined) return [];
  if (own.get("messages") !== member) {
    return [textOf(member)].filter((it) => it !== undefined);
  }
  const items = itemsOf(member);
  if (items.length === 0 && member.node.kind === "list") {
    refuse(member, "A conversation has one message or more");
  }
  return items.flatMap((it) => textOf(it) ?? []);
}

function modelOf(own: Members): ModelSource {
  const member = onlyOneOf(own, ["script", "cassette", "model"]);
  const text = textOf(member);
  if (text === undefined) return { kind: "own" };
  if (own.get("script") === member) return { kind: "script", file: text };
  return own.get("cassette") === member
    ? { kind: "cassette", file: text }
    : { kind: "model", name: text };
}

function environmentOf(members: Members): Readonly<Record<string, string>> {
  const member = members.get("environment");
  if (member === undefined) return {};
  return Object.fromEntries(
    entriesOf(member).flatMap(([key, it]) => {
      const text = writtenTextOf(it);
      return text === undefined ? [] : [[key, text]];
    }),
  );
}

/** Secrets never stand in a file in plain text. */
function secretsOf(members: Members): Readonly<Record<string, SecretSource>> {
  const member = members.get("secrets");
  if (member === undefined) return {};
  return Object.fromEntries(
    entriesOf(member).flatMap(([key, it]) => {
      const found = SECRET_REGEXP.exec(writtenTextOf(it) ?? "");
      if (found === null) {
        refuse(
          it,
          `Secret "${key}" must be taken from a variable`,
          `Write it as \${${key}}, or as \${${key}:-made-up} for runs without it`,
        );
        return [];
      }
      const [, variable = "", otherwise] = found;
      return [[key, {
        variable,
        ...(otherwise === undefined ? {} : { otherwise }),
      }]];
    }),
  );
}

function textsOf(member: Member | undefined): readonly string[] {
  if (member === undefined) return [];
  if (member.node.kind === "scalar") {
    return [textOf(member)].filter((it) => it !== undefined);
  }
  return itemsOf(member).flatMap((it) => textOf(it) ?? []);
}
