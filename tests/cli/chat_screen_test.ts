/**
 * A chat on a terminal, as a person sees it: narrow and wide, with colours and
 * without, with tool calls, long answers and messages of several lines.
 *
 * @module
 */

import { match, ok, strictEqual } from "node:assert/strict";
import { createPlace, type Place } from "./program.ts";
import { hasScreen, left, type OnScreen, onScreen } from "./pty.ts";

const AGENT = `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: parrot }
spec:
  instructions: Say what you hear.
  model: { name: "script:parrot.script.yaml" }
  workspace: {}
`;
const LONG = "It is a truth universally acknowledged, that a single man in " +
  "possession of a good fortune, must be in want of a wife.";
const SCRIPT = `turns:
  - { when: { message: { contains: slow } }, say: "begun${
  " and on".repeat(50)
}", chunkDelayMs: 100, chunkLength: 5, repeat: true }
  - { when: { message: { contains: long } }, say: "${LONG}", chunkDelayMs: 40, chunkLength: 7, repeat: true }
  - { when: { message: { contains: code } }, say: "So:\\n\\n\`\`\`sh\\ncurl --silent --show-error https://example.org/one/two | jq .\\n\`\`\`\\n", repeat: true }
  - { when: { message: { contains: "mark by letter" } }, say: "# Head\\n\\nIt is **very** \`good\`", chunkDelayMs: 40, chunkLength: 3, repeat: true }
  - { when: { message: { contains: mark } }, say: "# Head\\n\\nIt is **very** \`good\`", repeat: true }
  - { when: { toolResult: { matches: . } }, say: "seen", repeat: true }
  - { when: { message: { contains: look } }, call: { tool: workspace_list, arguments: { path: "." } } }
  - { when: { message: { contains: steer } }, call: { tool: "none\\e[2J", arguments: { a: "\\e]0;owned\\a" } } }
  - { say: "heard \${message}", repeat: true }
`;

async function furnished(): Promise<Place> {
  const place = await createPlace();
  await place.write("a.yaml", AGENT);
  await place.write("parrot.script.yaml", SCRIPT);
  const { code, stderr } = await place.run(["apply", "-f", "a.yaml"]);
  strictEqual(code, 0, stderr);
  return place;
}

/** Waits for the prompt that comes after something. */
async function promptAfter(on: OnScreen, text: string): Promise<void> {
  await on.waitFor(() => {
    const { all } = on.screen;
    const at = all.lastIndexOf(text);
    return at >= 0 && /\n>$/.test(all.slice(at));
  }, `a prompt after "${text}"`);
}

for (
  const { columns, color } of [
    { columns: 80, color: true },
    { columns: 40, color: false },
  ]
) {
  Deno.test({
    name: `a chat at ${columns} columns, ${
      color ? "" : "not "
    }in colour, breaks no word and shows calls`,
    ignore: !hasScreen,
    async fn() {
      await using place = await furnished();
      await using on = onScreen(place, ["agent", "chat", "parrot"], {
        columns,
        env: color ? {} : { NO_COLOR: "1" },
      });
      await promptAfter(on, "/help");
      await on.type("long\r");
      await promptAfter(on, "wife.");
      const answer = on.screen.lines.slice(
        on.screen.lines.indexOf("> long") + 1,
        -1,
      );
      strictEqual(answer.join(" "), LONG);
      ok(answer.every((it) => it.length <= columns), answer.join("\n"));
      // Code is broken by the terminal alone: who copies it has it whole.
      await on.type("code\r");
      await promptAfter(on, "jq .");
      // deno-lint-ignore no-control-regex -- what dresses it
      const text = on.written().replaceAll(/\x1b\[\d+m/g, "");
      ok(text.includes("https://example.org/one/two | jq .\r\n"));
      await on.type("look\r");
      await promptAfter(on, "seen");
      match(on.screen.all, /\n✓ workspace_list\(path=\.\) {2}\d+ ms\nseen\n/);
      await on.type("/help\r");
      await promptAfter(on, "what is typed");
      for (const it of on.screen.lines) ok(it.length <= columns, it);
      for (const word of ["/tools", "/usage", "/save", "/fork", "/exit"]) {
        ok(on.screen.all.includes(word), word);
      }
      await on.type("/nothing\r");
      await promptAfter(on, "There is no");
      await on.type("/exit\r");
      await left(on, 0);
      strictEqual(on.screen.isColored, color);
    },
  });
}

Deno.test({
  name: "a message of several lines is typed, pasted and had again",
  ignore: !hasScreen,
  async fn() {
    await using place = await furnished();
    await using on = onScreen(place, ["agent", "chat", "parrot"], {
      columns: 40,
    });
    await promptAfter(on, "/help");
    ok(on.screen.modes.has("pastes"));
    await on.type("one\\\r");
    await on.shows(/> one\\\n…$/);
    await on.type("two\r");
    await promptAfter(on, "heard one\ntwo");
    await on.type("\x1b[200~three\nfour\x1b[201~");
    await on.shows(/> three\n… four$/);
    await on.type("\r");
    await promptAfter(on, "heard three\nfour");
    await on.type("\x1b[A");
    await on.shows(/heard three\nfour\n> three\n… four$/);
    // One that is too long for a line stands on several, each of them whole.
    const word = "abcdefghi ";
    await on.type("\x03");
    await promptAfter(on, "/exit leave");
    await on.type(word.repeat(9).trimEnd());
    const typed = (): string => {
      const { text } = on.screen;
      return text.slice(text.lastIndexOf("\n> ") + 1).replaceAll("\n", "");
    };
    const whole = `> ${word.repeat(9).trimEnd()}`;
    await on.waitFor(() => typed() === whole, "what was typed");
    // The next key draws it over itself, in as many rows as there are by then.
    await on.resize(60, 24);
    await on.type("!");
    await on.waitFor(() => typed() === `${whole}!`, "what was typed, once");
    strictEqual(on.screen.text.split("abcdefghi!").length, 2);
    await on.type("\x15");
    await on.shows(/leave\n>$/);
    await on.type("\x04");
    await left(on, 0);
  },
});

Deno.test({
  name:
    "Ctrl-C cancels an answer, a second one leaves; Ctrl-D and SIGTERM leave",
  ignore: !hasScreen,
  async fn() {
    await using place = await furnished();
    const words = ["agent", "chat", "parrot"];
    await using on = onScreen(place, words, { columns: 40 });
    await promptAfter(on, "/help");
    await on.type("slow\r");
    await on.shows("begun and on");
    await on.type("\x03");
    await promptAfter(on, "Interrupted by Ctrl-C");
    await on.type("slow\r");
    await on.shows(/Interrupted by[^]*begun and on/);
    await on.type("\x03");
    await on.shows(/Interrupted by[^]*Cancelling/);
    // The same press, sent on, is no second one: a moment passes between.
    await on.press("\x03", /Left aex-/);
    await left(on, 130);
    await using ended = onScreen(place, words, { columns: 40 });
    await promptAfter(ended, "/help");
    await ended.type("\x04");
    await left(ended, 0);
    await using stopped = onScreen(place, words, { columns: 40 });
    await promptAfter(stopped, "/help");
    await stopped.signal("SIGTERM");
    await left(stopped, 130);
  },
});

Deno.test({
  name: "a chat shows that it waits, and what a model calls steers no terminal",
  ignore: !hasScreen,
  async fn() {
    await using place = await furnished();
    await place.write(
      "parrot.script.yaml",
      `turns:
  - { when: { toolResult: { matches: . } }, say: "done", chunkDelayMs: 2500, chunkLength: 2 }
  - { call: { tool: "none\\e[2J", arguments: { a: "\\e]0;owned\\a" } } }
`,
    );
    await using on = onScreen(place, ["agent", "chat", "parrot"], {
      columns: 40,
      env: { NO_COLOR: "1" },
    });
    await promptAfter(on, "/help");
    await on.type("go\r");
    await on.shows(/\n[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] turn 2 · \d/);
    match(on.screen.all, /\n✗ none\S*\[2J/);
    // The screen knows neither a title nor a bell in one: it would be an error.
    ok(!on.written().includes("\x1b]0"));
    ok(on.screen.lines.every((it) => it.length < 40), on.screen.text);
    await promptAfter(on, "done");
    await on.type("\x04");
    await left(on, 0);
  },
});

Deno.test({
  name:
    "Markdown of an answer is dressed with colour, and is as it was written " +
    "without and in a pipe",
  ignore: !hasScreen,
  async fn() {
    await using place = await furnished();
    for (const message of ["mark", "mark by letter"]) {
      await using on = onScreen(place, ["agent", "chat", "parrot"]);
      await on.shows(/>$/);
      await on.type(`${message}\r`);
      await promptAfter(on, "Head\n\nIt is very good");
      await on.type("\x04");
      await left(on, 0);
    }
    await using plain = onScreen(
      place,
      ["agent", "execute", "parrot", "mark"],
      {
        env: { NO_COLOR: "1" },
      },
    );
    await left(plain, 0);
    const written = "# Head\n\nIt is **very** `good`";
    ok(plain.screen.all.includes(written), plain.screen.all);
    const piped = await place.run(["agent", "execute", "parrot", "mark"]);
    strictEqual(piped.stdout, `${written}\n`);
  },
});
