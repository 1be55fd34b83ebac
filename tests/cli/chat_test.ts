import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { createPlace, pick, type Place } from "./program.ts";
import { PROGRAM_ARGS } from "../stigmer_program.ts";

const AGENT = `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: parrot }
spec:
  instructions: Say what you hear.
  model: { name: "script:parrot.script.yaml" }
`;
const SCRIPT = `turns:
  - { when: { message: { contains: fail } }, error: { status: 400, message: "Not today" }, repeat: true }
  - { when: { message: { contains: slow } }, say: "begun${
  " and on".repeat(50)
}", chunkDelayMs: 200, chunkLength: 5, repeat: true }
  - { when: { message: { contains: linger } }, say: "began to speak and did not stop before the end", chunkDelayMs: 110, chunkLength: 4, repeat: true }
  - { say: "heard \${message}", repeat: true }
`;

/** A home with an agent that says what it hears. */
async function furnished(): Promise<Place> {
  const place = await createPlace();
  await place.write("a.yaml", AGENT);
  await place.write("parrot.script.yaml", SCRIPT);
  strictEqual((await place.run(["apply", "-f", "a.yaml"])).code, 0);
  return place;
}

async function messagesIn(place: Place): Promise<unknown[]> {
  const json = await place.json(["execution", "list", "-o", "json", "--all"]);
  const items = pick(json, "items");
  ok(Array.isArray(items));
  return items.map((it) => pick(it, "spec.message")).reverse();
}

Deno.test("each line of a pipe is a message, as it is", async () => {
  await using place = await furnished();
  const stdin = "one\n\n/help\nends in \\\n//two\n";
  const ran = await place.run(["agent", "chat", "parrot"], { stdin });
  strictEqual(ran.code, 0, ran.stderr);
  strictEqual(
    ran.stdout,
    "heard one\nheard /help\nheard ends in \\\nheard //two\n",
  );
  ok(!ran.stderr.includes("> "), ran.stderr);
  const sessions = await place.json(["session", "list", "-o", "json"]);
  strictEqual(pick(sessions, "items.0.status.executionCount"), 4);
});

Deno.test("a pipe ends with the first message that fails", async () => {
  await using place = await furnished();
  const stdin = "one\nfail\nnever\n";
  const ran = await place.run(["agent", "chat", "parrot"], { stdin });
  strictEqual(ran.code, 1);
  strictEqual(ran.stdout, "heard one\n");
  match(ran.stderr, /Not today/);
  deepStrictEqual(await messagesIn(place), ["one", "fail"]);
});

Deno.test("a chat with nobody is refused before anything is read", async () => {
  await using place = await furnished();
  const ran = await place.run(["agent", "chat", "parot"], { stdin: "x\n" });
  strictEqual(ran.code, 3);
  match(ran.stderr, /parrot/);
  const last = ["agent", "chat", "parrot", "--session", "last"];
  const none = await place.run(last, { stdin: "x\n" });
  strictEqual(none.code, 3);
  match(none.stderr, /it has none/);
});

Deno.test("a chat takes no secret from where its messages come from", async () => {
  await using place = await furnished();
  const words = ["agent", "chat", "parrot", "--secret", "TOKEN=-"];
  const ran = await place.run(words, { stdin: "one\n" });
  strictEqual(ran.code, 2);
  match(ran.stderr, /Cannot read secret "TOKEN" from standard input in a chat/);
});

Deno.test("a chat that seals the first secret says where its key was made", async () => {
  await using place = await furnished();
  const declared = "  env: { TOKEN: { secret: true } }\n";
  await place.write("a.yaml", `${AGENT}${declared}`);
  await place.write("token", "t0ken-9f8e7d6c5b");
  strictEqual((await place.run(["apply", "-f", "a.yaml"])).code, 0);
  const words = ["agent", "chat", "parrot", "--secret-file", "TOKEN=token"];
  const ran = await place.run(words, { stdin: "one\n" });
  strictEqual(ran.code, 0, ran.stderr);
  strictEqual(ran.stdout, "heard one\n");
  match(ran.stderr, /master\.key/);
});

Deno.test("agent execute goes on with the last session", async () => {
  await using place = await furnished();
  const execute = ["agent", "execute", "parrot"];
  for (const more of [["a"], ["b", "--session", "last"], ["c"]]) {
    strictEqual((await place.run([...execute, ...more])).code, 0);
  }
  const last = [...execute, "d", "--session", "last", "--detach", "-q"];
  const left = await place.run(last);
  strictEqual(left.code, 0, left.stderr);
  const json = await place.json(["session", "list", "-o", "json"]);
  const counts = [0, 1].map((i) =>
    pick(json, `items.${i}.status.executionCount`)
  );
  deepStrictEqual(counts, [2, 2]);
});

Deno.test("a chat is recorded and replayed as a whole", async () => {
  await using place = await furnished();
  const words = ["agent", "chat", "parrot"];
  const stdin = "one\ntwo\n";
  const recorded = await place.run([...words, "--record", "c.yaml"], { stdin });
  strictEqual(recorded.code, 0, recorded.stderr);
  const text = await Deno.readTextFile(`${place.folder}/c.yaml`);
  match(text, /at: \/turn\/1\n/);
  match(text, /at: "#2\/turn\/1"\n/);
  await Deno.remove(`${place.folder}/parrot.script.yaml`);
  const replayed = await place.run([...words, "--replay", "c.yaml"], { stdin });
  strictEqual(replayed.code, 0, replayed.stderr);
  strictEqual(replayed.stdout, recorded.stdout);
});

/** Types at a real terminal what a plan says: `[wait for, then type]` lines. */
const TYPIST = `import json, os, pty, select, sys, time
steps = [(a.encode(), b.encode()) for a, b in json.loads(sys.argv[1])]
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
heard, seen, end = b"", 0, time.time() + 60
def hear():
    global heard
    if not select.select([fd], [], [], 0.2)[0]:
        return True
    try:
        piece = os.read(fd, 4096)
    except OSError:
        return False
    heard += piece
    return piece != b""
for wanted, typed in steps:
    while wanted not in heard[seen:]:
        if not hear() or time.time() > end:
            sys.stdout.buffer.write(heard)
            os.kill(pid, 9)
            sys.exit("never came: %r" % wanted)
    seen += heard[seen:].index(wanted) + len(wanted)
    os.write(fd, typed)
while hear() and time.time() < end:
    pass
sys.stdout.buffer.write(heard)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

/** Finds a python that has pseudo-terminals. */
async function findPython(): Promise<string | undefined> {
  if (Deno.build.os === "windows") return undefined;
  try {
    const { success } = await new Deno.Command("python3", {
      args: ["-c", "import pty, os; os.waitstatus_to_exitcode"],
      stdout: "null",
      stderr: "null",
    }).output();
    return success ? "python3" : undefined;
  } catch {
    return undefined;
  }
}

const python = await findPython();
if (python === undefined) {
  console.warn("SKIPPED: no python3 here, a chat is not tried at a terminal");
}

/** Chats at a real terminal as a plan says. */
async function typed(
  place: Place,
  steps: readonly (readonly [wanted: string, typed: string])[],
): Promise<{ readonly code: number; readonly text: string }> {
  const words = [Deno.execPath(), ...PROGRAM_ARGS, "agent", "chat"];
  const { code, stdout, stderr } = await new Deno.Command(python ?? "", {
    args: ["-c", TYPIST, JSON.stringify(steps), ...words, "parrot"],
    cwd: place.folder,
    env: { STIGMER_HOME: place.home, NO_COLOR: "1", TERM: "xterm", CI: "" },
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

Deno.test({
  name: "nothing comes between the letters of an answer, or after Ctrl-C",
  ignore: python === undefined,
  async fn() {
    await using place = await furnished();
    const { code, text } = await typed(place, [
      ["> ", "linger\r"],
      ["began", "ahead"],
      ["the end\r\n", ""],
      ["> ", ""],
      ["ahead", "\r"],
      ["heard ahead\r\n", ""],
      ["> ", "slow\r"],
      ["begun and on", "\x03"],
      ["Cancelled aex-", ""],
      ["> ", "\x04"],
    ]);
    strictEqual(code, 0, text);
    // Neither what is typed, nor what clears the line.
    const whole = "began to speak and did not stop before the end\r\n";
    strictEqual(text.split(whole).length - 1, 1, JSON.stringify(text));
    match(text, /begun[a-z ]*\r\nCancelling \(/);
    const [, after = ""] = text.split("Cancelling (");
    ok(!(after.split("Cancelled")[0] ?? "").includes(" on"), after);
  },
});

Deno.test({
  name: "a chat works at a real terminal",
  ignore: python === undefined,
  async fn() {
    await using place = await furnished();
    const steps: readonly (readonly [string, string])[] = [
      ["> ", "one\\\n"],
      ["… ", "line\n"],
      ["heard one\r\nline\r\n", ""],
      ["> ", '"""\n'],
      ["… ", "block\n"],
      ["… ", '"""\n'],
      ["heard block\r\n", ""],
      ["> ", "slow\n"],
      ["begun", "\x03"],
      ["Cancelled aex-", ""],
      ["> ", "dropped\x03"],
      ["or /exit leave\r\n", ""],
      ["> ", "/usage\n"],
      ["3 messages, ", ""],
      ["> ", "ket\x1b[Dp\n"],
      ["heard kept\r\n", ""],
      ["> ", "\x1b[200~two\nlines\x1b[201~\r"],
      ["heard two\r\nlines\r\n", ""],
      ["> ", "\x1b[A\x1b[A\x1b[A\r"],
      ["heard kept\r\n", ""],
      ["> ", "\x04"],
    ];
    const { code, text } = await typed(place, steps);
    strictEqual(code, 0, text);
    deepStrictEqual(await messagesIn(place), [
      "one\nline",
      "block",
      "slow",
      "kept",
      "two\nlines",
      "kept",
    ]);
    const path = `${place.home}/chat_history.jsonl`;
    deepStrictEqual(
      (await Deno.readTextFile(path)).trim().split("\n")
        .map((it) => JSON.parse(it)),
      ["one\nline", "block", "slow", "kept", "two\nlines", "kept"],
    );
    strictEqual(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  },
});
