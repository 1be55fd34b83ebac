import { deepStrictEqual, ok } from "node:assert/strict";
import type { Json, JsonObject } from "../../model/json.ts";
import { checkWorkflow } from "../check.ts";
import { workflowReferences } from "../references.ts";
import type { Task } from "../tree.ts";

function workflow(run: Json): JsonObject {
  return {
    document: { dsl: "1.0.3", namespace: "t", name: "w", version: "1.0.0" },
    use: { secrets: ["KEY"] },
    do: [{ r: { run } }],
  };
}

function taskOf(run: Json): Task {
  const { plan, diagnostics } = checkWorkflow(workflow(run));
  ok(plan?.body.kind === "sequence", JSON.stringify(diagnostics));
  const [task] = plan.body.tasks;
  ok(task !== undefined);
  return task;
}

/** What is wrong, each as its place in `run`, its message and its hint. */
function faultsOf(run: Json): readonly string[] {
  return checkWorkflow(workflow(run)).diagnostics.map((it) => {
    const place = it.pointer.replace(/^\/do\/0\/r\/run\/?/, "");
    return `${place}: ${it.message}${
      it.hint === undefined ? "" : `. ${it.hint}`
    }`;
  });
}

const CASES: readonly [claim: string, run: Json, faults: readonly string[]][] =
  [
    ["nothing", {}, [
      ': "run" does not say what it runs. ' +
      "Give it one of container, script, shell, workflow",
    ]],
    ["two things", { shell: { command: "x" }, container: { image: "x" } }, [
      ": A task runs one thing, not container and shell",
    ]],
    ["a command beside it", { command: "x" }, [
      'command: Unknown field "command" of the "run" of a task. ' +
      'Did you mean "shell.command"?',
    ]],
    ["an unknown result", { shell: { command: "x" }, return: "stdot" }, [
      'return: This must be one of "stdout", "stderr", "code", "all", "none", ' +
      'not "stdot". Did you mean "stdout"?',
    ]],
    ["an unknown language", { script: { language: "pyhton", code: "x" } }, [
      'script/language: Scripts in "pyhton" cannot be run here. ' +
      'Did you mean "python"?',
    ]],
    ["a language that is far from any", {
      script: { language: "cobol", code: "x" },
    }, [
      'script/language: Scripts in "cobol" cannot be run here. ' +
      'Use "js", "ts" or "python", or "run: {shell}"',
    ]],
    ["a script without code", { script: { language: "js" } }, [
      'script: A script needs "code", or "source"',
    ]],
    [
      "a script with code twice",
      {
        script: {
          language: "js",
          code: "x",
          source: { endpoint: "https://a.test" },
        },
      },
      ['script: A script has either "code" or "source", not both'],
    ],
    ["a secret among the arguments", {
      script: { language: "js", code: "x", arguments: ["${ $secrets.KEY }"] },
    }, [
      'script/arguments/0: Secrets, as in "$secrets.KEY", cannot stand here: ' +
      'everybody on the host can read it. Give it as "environment" or "stdin"',
    ]],
    ["a name of a variable", {
      shell: { command: "x", environment: { "A=B": "x" } },
    }, [
      'shell/environment/A=B: Variable "A=B" must be text with a name without "="',
    ]],
    ["a container without an image", { container: { cmd: "x" } }, [
      'container/cmd: Unknown field "cmd" of a container. Did you mean "command"?',
      'container: A container needs "image"',
    ]],
    ["a port that is none", { container: { image: "x", ports: { web: 80 } } }, [
      'container/ports/web: Port "web" must be one of the host, with that of ' +
      "the container after it",
    ]],
    ["a cleanup without its time", {
      container: { image: "x", lifetime: { cleanup: "eventually" } },
    }, [
      'container/lifetime: A cleanup that comes eventually needs "after". ' +
      "Write it as {cleanup: eventually, after: {minutes: 30}}",
    ]],
    ["a time without its cleanup", {
      container: { image: "x", lifetime: { cleanup: "always", after: "PT1M" } },
    }, [
      'container/lifetime/after: "after" counts only for "cleanup: eventually"',
    ]],
    ["a pull policy", { container: { image: "x", pullPolicy: "Always" } }, [
      'container/pullPolicy: This must be one of "ifNotPresent", "always", ' +
      '"never", not "Always". Did you mean "always"?',
    ]],
    ["a workflow without its parts", { workflow: { name: "a" } }, [
      'workflow: A workflow to run needs "namespace"',
      'workflow: A workflow to run needs "version"',
    ]],
    ["the result of a workflow", {
      workflow: { namespace: "n", name: "a", version: "1.0.0" },
      return: "all",
    }, [
      'return: A workflow that is run has no "return". Its output is the task\'s',
    ]],
  ];

for (const [claim, run, faults] of CASES) {
  Deno.test(`run is refused for ${claim}`, () => {
    deepStrictEqual(faultsOf(run), faults);
  });
}

Deno.test("run takes the languages of scripts by each of their names", () => {
  const names = {
    javascript: "js",
    JS: "js",
    typescript: "ts",
    python3: "python",
  };
  for (const [name, language] of Object.entries(names)) {
    const task = taskOf({ script: { language: name, code: "x" } });
    ok(task.kind === "script");
    deepStrictEqual(task.language, language);
  }
});

Deno.test("run takes code as it stands, and an expression as one", () => {
  const code = "console.log(`${a} ${b}`)";
  const literal = taskOf({ script: { language: "js", code } });
  ok(literal.kind === "script" && literal.code.kind === "inline");
  deepStrictEqual(literal.code.code, { kind: "literal", value: code });
  const computed = taskOf({ script: { language: "js", code: "${ .code }\n" } });
  ok(computed.kind === "script" && computed.code.kind === "inline");
  ok(computed.code.code.kind !== "literal");
});

Deno.test("run fills in the defaults of a container", () => {
  const task = taskOf({ container: { image: "alpine" } });
  ok(task.kind === "container");
  deepStrictEqual(
    [task.await, task.return, task.cleanup, task.pullPolicy],
    [true, "stdout", "never", "ifNotPresent"],
  );
});

Deno.test("workflowReferences() gives the workflows with their places", () => {
  const { plan } = checkWorkflow({
    document: { dsl: "1.0.3", namespace: "t", name: "w", version: "1.0.0" },
    do: [{
      a: {
        try: [{
          "b/c": {
            run: { workflow: { namespace: "n", name: "x", version: "2.0.0" } },
          },
        }],
        catch: {},
      },
    }],
  });
  ok(plan !== undefined);
  deepStrictEqual(workflowReferences(plan), [{
    name: "x",
    namespace: "n",
    version: "2.0.0",
    pointer: "/do/0/a/try/0/b~1c/run/workflow/name",
  }]);
});
