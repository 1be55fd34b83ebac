import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { commandLinesOf, commandProblem } from "./command_lines.ts";

Deno.test("commandLinesOf() finds the program wherever it stands on a line", () => {
  const text = `$ A=1 B="x y" stigmer run a.yaml | grep x
stigmer server --listen :1 \\
  --tls-cert b      # a remark
npx -y deno@2.9.6 task stigmer init && runuser -u me -- stigmer doctor > a.txt
echo stigmer is not called
stigmer execution get $(stigmer execution list -o name | head -n 1) 2>&1
`;
  deepStrictEqual(commandLinesOf(text), [
    "run a.yaml",
    "server --listen :1 --tls-cert b",
    "init",
    "doctor",
    "execution get SUBSTITUTED",
    "execution list -o name",
  ]);
});

Deno.test("commandProblem() says what the program does not take", async () => {
  strictEqual(await commandProblem("run 'a b.yaml' -i x=1"), undefined);
  match(await commandProblem("run a.yaml --imput x=1") ?? "", /--imput/);
  match(await commandProblem("runn a.yaml") ?? "", /Unknown command "runn"/);
  match(await commandProblem("agent exec a b c d") ?? "", /exec|argument/);
});
