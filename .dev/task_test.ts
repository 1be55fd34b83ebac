import {
  deepStrictEqual,
  doesNotMatch,
  match,
  rejects,
  throws,
} from "node:assert/strict";
import { ROOT, runProgram } from "./command.ts";
import {
  exitCodeOf,
  inPart,
  oneArgument,
  pathFrom,
  readFlags,
  type Task,
  TaskError,
  UsageError,
} from "./task.ts";

/** Runs a script of this folder from a folder, as `deno task` would. */
async function runFrom(
  folder: string,
  [script = "", ...args]: readonly string[],
): Promise<{ readonly code: number; readonly said: string }> {
  const { code, stdout, stderr } = await runProgram([
    Deno.execPath(),
    "run",
    "-A",
    "--no-check",
    `${ROOT}.dev/${script}`,
    ...args,
  ], { cwd: ROOT, env: { INIT_CWD: folder, STIGMER_RELEASE_KEY: "" } });
  return { code, said: stdout + stderr };
}

async function inFolder(
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "stigmer-task-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const SCRIPTS = [
  ["budget.ts", "budget"],
  ["compile.ts", "compile"],
  ["demo.ts", "demo"],
  ["release/formula.ts", "formula"],
  ["release/release.ts", "release"],
  ["release/smoke.ts", "smoke"],
  ["release/verify.ts", "verify-release"],
] as const;

Deno.test("each task that people start says what it takes, and leads to that when it is used wrongly", async () => {
  for (const [script, name] of SCRIPTS) {
    const help = await runFrom(ROOT, [script, "--help"]);
    deepStrictEqual(help.code, 0, help.said);
    match(help.said, new RegExp(`^Usage: deno task ${name}\\b`, "m"));
    const wrong = await runFrom(ROOT, [script, "--forse"]);
    deepStrictEqual(wrong.code, 2, wrong.said);
    match(wrong.said, /^Cannot .*there is no "--forse"/);
    match(wrong.said, new RegExp(`\nSee: deno task ${name} --help\n$`));
  }
});

Deno.test("each task says in one line what it cannot do, in the folder where one stands", async () => {
  await inFolder(async (folder) => {
    for (
      const [args, says] of [
        [["release/formula.ts", "none"], /^Cannot fill in the formula: .*\n$/],
        [["release/verify.ts", "none"], /^Cannot verify ".*none": .*\n$/],
        [["release/smoke.ts", "./none"], /^Cannot try the program: .*\n$/],
      ] as const
    ) {
      const { code, said } = await runFrom(folder, args);
      deepStrictEqual(code, 1, said);
      match(said, says);
      match(said, new RegExp(`${folder.split(/[\\/]/).at(-1)}.none`));
    }
  });
});

Deno.test("a build without the runtime that it stands on says where that is taken from", async () => {
  const result = await runProgram([
    Deno.execPath(),
    "run",
    "-A",
    "--no-check",
    `${ROOT}.dev/compile.ts`,
  ], { env: { DENORT_BIN: "/nowhere/denort" } });
  deepStrictEqual(result.code, 1, result.stderr);
  match(result.stderr, /^Cannot build "dist\/stigmer/);
  match(
    result.stderr,
    /which is not here: Could not find denort at '\/nowhere/,
  );
  match(result.stderr, /\nTake denort-\S+\.zip of v2\.9\.6 from https:/);
  match(result.stderr, /in DENORT_BIN\n$/);
  doesNotMatch(result.stderr, /Caused by/);
});

Deno.test("a budget is that of all commands, and takes no name", async () => {
  const { code, said } = await runFrom(ROOT, ["budget.ts", "version"]);
  deepStrictEqual(code, 2, said);
  match(said, /^Cannot print the budgets: "version" is one too many\n/);
});

const TASK: Task = {
  name: "it",
  act: "do it",
  help: "Usage: deno task it",
  run: () => Promise.resolve(),
};

/** How a task ends that throws, and what it says. */
async function endOf(
  thrown: Error,
): Promise<{ readonly code: number; readonly said: string }> {
  const said: string[] = [];
  const { error } = console;
  console.error = (line: string) => said.push(line);
  try {
    const run = () => Promise.reject(thrown);
    return { code: await exitCodeOf({ ...TASK, run }, []), said: said.join() };
  } finally {
    console.error = error;
  }
}

Deno.test("a part of a task that fails is named, and what says more is left", async () => {
  const part = (thrown: Error) => inPart("sign", () => Promise.reject(thrown));
  await rejects(part(new Deno.errors.NotFound("no file")), (error) => {
    deepStrictEqual(
      error instanceof TaskError && error.message,
      "Cannot sign: no file",
    );
    return true;
  });
  for (
    const thrown of [
      new TaskError("Cannot sign: no key"),
      new UsageError("Name a key"),
      new TypeError("x is undefined"),
    ]
  ) {
    await rejects(part(thrown), (error) => error === thrown);
  }
  deepStrictEqual(await inPart("sign", () => Promise.resolve(1)), 1);
});

Deno.test("a task shows no stack for what a person can mend, and one for a fault of its own", async () => {
  deepStrictEqual(await endOf(new TaskError("Cannot sign: no key")), {
    code: 1,
    said: "Cannot sign: no key",
  });
  deepStrictEqual(await endOf(new Deno.errors.NotFound("no file")), {
    code: 1,
    said: "Cannot do it: no file",
  });
  deepStrictEqual(await endOf(new UsageError("Cannot do that")), {
    code: 2,
    said: "Cannot do that\nSee: deno task it --help",
  });
  await rejects(endOf(new TypeError("x is undefined")), /x is undefined/);
});

Deno.test("a task gives the exit code of its work", async () => {
  deepStrictEqual(await exitCodeOf(TASK, []), 0);
  const run = () => Promise.resolve(3);
  deepStrictEqual(await exitCodeOf({ ...TASK, run }, ["x"]), 3);
});

Deno.test("readFlags() reads options and refuses what is none", () => {
  const options = {
    key: { type: "string" },
    all: { type: "boolean" },
  } as const;
  const { values, positionals } = readFlags(["a", "--key=b"], options, "do it");
  deepStrictEqual({ ...values }, { key: "b" });
  deepStrictEqual(positionals, ["a"]);
  for (
    const [args, says] of [
      [
        ["--kay"],
        /^Cannot do it: there is no "--kay", did you mean "--key"\?$/,
      ],
      [["--key"], /^Cannot do it: .*argument missing/],
      [["--all=1"], /^Cannot do it: .*does not take an argument/],
    ] as const
  ) {
    throws(
      () => readFlags(args, options, "do it"),
      (error) => error instanceof UsageError && says.test(error.message),
    );
  }
});

Deno.test("oneArgument() takes one, no fewer and no more", () => {
  const of = { act: "do it", what: "a folder" };
  deepStrictEqual(oneArgument(["a"], of), "a");
  throws(() => oneArgument([], of), /^UsageError|Cannot do it: name a folder$/);
  throws(() => oneArgument(["a", "b"], of), /"b" is one too many/);
});

Deno.test("pathFrom() leaves a whole path as it is", () => {
  deepStrictEqual(pathFrom(ROOT, "/elsewhere"), pathFrom(ROOT));
});
