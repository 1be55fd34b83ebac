import { equal, match, ok } from "node:assert/strict";
import { createPlace, type Place } from "./program.ts";

/** A script that defines an agent whose instructions are an expression. */
const saying = (words: string): string =>
  `import { agent } from "@stigmer/cli/sdk";
export default agent({ name: "a", instructions: "Say this: " + ${words} });
`;

/** Says what a script, which must be right, has for instructions. */
async function instructionsOf(place: Place, name: string): Promise<string> {
  const { code, stdout, stderr } = await place.run(["diff", "-f", name]);
  equal(stderr, "");
  equal(code, 1, "what is new differs");
  return stdout;
}

async function refused(
  place: Place,
  name: string,
  reason: RegExp,
): Promise<void> {
  const { code, stderr, stdout } = await place.run(["validate", "-f", name]);
  equal(code, 2, stdout);
  match(stderr, reason);
  ok(!stderr.includes("defect"), stderr);
}

Deno.test("a script imports nothing that lies elsewhere but code", async (test) => {
  await using place = await createPlace();
  const secret = "s3cr3t-0815";
  const far = await Deno.makeTempDir({ prefix: "stigmer-far-" });
  const scripts: Readonly<Record<string, string>> = {
    text: `import it from "${far}/key.txt" with { type: "text" };`,
    bytes: `import it from "${far}/key.txt" with { type: "bytes" };`,
    json: `import it from "${far}/key.json" with { type: "json" };`,
    "code as a text": `import it from "${far}/key.ts" with { type: "text" };`,
    "a later import":
      `const it = (await import("${far}/key.txt", { with: { type: "text" } })).default;`,
    "an import that fails":
      `let it; try { await import("${far}/key.txt"); } catch (e) { it = e.message; }`,
    "a module of data": `import it from "data:text/javascript,${
      encodeURIComponent(
        `export { default } from "file://${far}/key.txt" with { type: "text" }`,
      )
    }";`,
    "a link": `import it from "./link.txt" with { type: "text" };`,
    "a link that looks like code": `import it from "./link.ts";`,
    hidden: `import it from "./.env" with { type: "text" };`,
    "beneath hidden": `import it from "./.keys/key.txt" with { type: "text" };`,
    "the folder above": `import it from "../key.txt" with { type: "text" };`,
  };
  try {
    await Deno.writeTextFile(`${far}/key.txt`, secret);
    await Deno.writeTextFile(`${far}/key.json`, `"${secret}"`);
    await Deno.writeTextFile(`${far}/key.ts`, `export default "${secret}";`);
    await Deno.mkdir(`${place.folder}/in/.keys`, { recursive: true });
    for (const name of ["key.txt", "in/.env", "in/.keys/key.txt"]) {
      await place.write(name, secret);
    }
    if (Deno.build.os !== "windows") {
      for (const name of ["link.txt", "link.ts"]) {
        await Deno.symlink(`${far}/key.txt`, `${place.folder}/in/${name}`);
      }
    }
    for (const [name, line] of Object.entries(scripts)) {
      await test.step({
        name,
        ignore: Deno.build.os === "windows",
        async fn() {
          await place.write("in/s.ts", line + saying("JSON.stringify(it)"));
          const { code, stdout, stderr } = await place.run(
            ["diff", "-f", "in/s.ts"],
          );
          equal(code, 2);
          ok(!`${stdout}${stderr}`.includes(secret), `${stdout}${stderr}`);
          match(stderr, /^Error: Cannot run "in\/s\.ts": it imports "/);
        },
      });
    }
  } finally {
    await Deno.remove(far, { recursive: true });
  }
});

Deno.test("a script among the sources of this program is one as any other", async () => {
  await using place = await createPlace();
  await place.write("key.txt", "s3cr3t-0815");
  const dir = import.meta.dirname ?? ".";
  const folder = await Deno.makeTempDir({ dir, prefix: "script-" });
  try {
    const name = `${folder}/a.ts`;
    await Deno.writeTextFile(
      name,
      `import it from "${place.folder}/key.txt" with { type: "text" };\n` +
        saying("it"),
    );
    await refused(place, name, /which is read as data/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a script imports texts and JSON that lie beside it", async () => {
  await using place = await createPlace();
  await place.write("texts/words.md", "Hello Ada");
  await place.write("n.json", `{ "n": 42 }`);
  await place.write(
    "s.ts",
    `import words from "./texts/words.md" with { type: "text" };
import n from "./n.json" with { type: "json" };
${saying("words + n.n")}`,
  );
  match(await instructionsOf(place, "s.ts"), /Say this: Hello Ada42/);
});

Deno.test("a script is given modules as its own project names them", async () => {
  await using place = await createPlace();
  await place.write(
    "project/deno.jsonc",
    `{
  // What "deno add" writes, and a folder.
  "imports": { "lib/": "./lib/", "yaml": "./own_yaml.ts", },
}`,
  );
  await place.write("project/lib/word.ts", `export const word = "Hello";`);
  await place.write("project/own_yaml.ts", `export const own = " of mine";`);
  await place.write(
    "project/flows/s.ts",
    `import { word } from "lib/word.ts";
import { own } from "yaml";
${saying("word + own")}`,
  );
  match(await instructionsOf(place, "project/flows/s.ts"), /Hello of mine/);
});

Deno.test("a script has no module of this program's own", async () => {
  await using place = await createPlace();
  await place.write("s.ts", `import "croner";\n${saying("1")}`);
  await refused(place, "s.ts", /Import "croner" not a dependency/);
});

Deno.test("what a script prints, and how it ends, is no defect", async () => {
  await using place = await createPlace();
  const bytes = (text: string) =>
    `Deno.stdout.writeSync(new TextEncoder().encode(${JSON.stringify(text)}));`;
  await place.write("s.ts", bytes("noise\n") + saying('"x"'));
  match(await instructionsOf(place, "s.ts"), /Say this: x/);
  const ends = {
    "it ended itself with code 0": "Deno.exit(0);",
    "it ended itself with code 3": "Deno.exit(3);",
  };
  for (const [reason, line] of Object.entries(ends)) {
    await place.write("s.ts", bytes('{"resources":[null]}') + line);
    await refused(place, "s.ts", new RegExp(`Cannot run "s.ts": ${reason}`));
  }
});

Deno.test("a script that leaves something open is not waited for", async () => {
  await using place = await createPlace();
  await place.write("s.ts", `setInterval(() => {}, 1000);\n${saying('"x"')}`);
  match(await instructionsOf(place, "s.ts"), /Say this: x/);
});

Deno.test("what a script gives for a resource is looked at", async (test) => {
  await using place = await createPlace();
  const manifest = `{ apiVersion: "agentic.stigmer.ai/v1", kind: "Agent",
    metadata: { name: "a" }, spec: { instructions: "No" } }`;
  const exported = async (text: string, reason: RegExp): Promise<void> => {
    await test.step(text.slice(0, 40), async () => {
      await place.write("s.ts", `export default ${text};`);
      await refused(place, "s.ts", reason);
    });
  };
  const short = /^s\.ts:1:1: error: Instructions need 10 characters/m;
  for (
    const places of [
      "{ tasks: null }",
      "7",
      `{ own: { url: import.meta.url, line: "x", column: {} }, tasks: 3 }`,
      `{ own: { url: import.meta.url, line: 0, column: 1.5 } }`,
    ]
  ) {
    await exported(
      `{ toManifest: () => (${manifest}), places: ${places} }`,
      short,
    );
  }
  await exported(
    `{ toManifest: () => [1] }`,
    /Cannot read "s\.ts": what it exports is no resource/,
  );
  await exported(
    `{ toManifest: () => {
      let deep = 1;
      for (let i = 0; i < 5000; i++) deep = { deep };
      return { spec: deep };
    } }`,
    /Cannot read "s\.ts": over 256 values stand in each other/,
  );
});

Deno.test("a script keeps nothing for the next one", async () => {
  await using place = await createPlace();
  await place.write(
    "s.ts",
    saying("typeof localStorage + typeof caches + typeof Worker"),
  );
  const nothing = "undefined".repeat(3);
  match(await instructionsOf(place, "s.ts"), new RegExp(`this: ${nothing}`));
});

Deno.test("a script reaches no network by what it imports later", async () => {
  await using place = await createPlace();
  const asked: string[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => undefined },
    (request) => {
      asked.push(request.url);
      return new Response("export default 1;", {
        headers: { "content-type": "text/javascript" },
      });
    },
  );
  const { port } = server.addr;
  await place.write(
    "s.ts",
    `const n = Math.random();
const said = [];
for (const at of ["http://127.0.0.1:${port}/" + n, "npm:none-" + n, "jsr:@no/ne" + n]) {
  await import(at).then(() => said.push("there"), (e) => said.push(e.message));
}
${saying("said.join()")}`,
  );
  const { stdout } = await place.run(["diff", "-f", "s.ts"]);
  ok(!stdout.includes("there"), stdout);
  equal(stdout.match(/--cached-only is specified/g)?.length, 3, stdout);
  equal(asked.length, 0);
});
