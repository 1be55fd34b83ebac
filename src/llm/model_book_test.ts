import assert from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { systemHost } from "../host/system.ts";
import { LOOK_MS, openModelBook } from "./model_book.ts";

const OWN = `
models:
  openai/gpt-5.4: { price: { input: 1, output: 2 } }
  ollama/*: { contextWindow: 8192 }
`;

Deno.test("openModelBook() reads the user's file over what is listed", async () => {
  const host = fakeHost({ files: { "/home/models.yaml": OWN } });
  const book = openModelBook({ host, directory: "/home/" });
  assert.deepEqual(await book.factsOf("openai/gpt-5.4"), {
    contextWindow: 1_050_000,
    maxOutputTokens: 128_000,
    price: { input: 1, output: 2 },
  });
  assert.deepEqual(await book.factsOf("ollama/qwen3"), { contextWindow: 8192 });
  assert.deepEqual(await book.factsOf("script:x.yaml"), {});
  assert.deepEqual(await book.own(), {
    path: "/home/models.yaml",
    models: 2,
  });
  const { price } = await book.factsOf("anthropic/claude-sonnet-5-5");
  assert.deepEqual(price, {
    input: 2,
    output: 10,
    cacheRead: 0.1,
    cacheWrite: 2.5,
  });
});

Deno.test("openModelBook() knows what is listed without a file of the user", async () => {
  for (const directory of ["", "/nowhere"]) {
    const book = openModelBook({ host: fakeHost(), directory });
    const { contextWindow } = await book.factsOf("anthropic/claude-haiku-4-5");
    assert.equal(contextWindow, 200_000);
    assert.equal(await book.own(), undefined);
  }
});

Deno.test("openModelBook() takes the file that STIGMER_MODELS_FILE names", async () => {
  const files = {
    "/own.json": '{"models": {"a/b": {"contextWindow": 7}}}',
    "/home/models.yaml": OWN,
  };
  const host = fakeHost({ env: { STIGMER_MODELS_FILE: "/own.json" }, files });
  const book = openModelBook({ host, directory: "/home" });
  assert.deepEqual(await book.factsOf("a/b"), { contextWindow: 7 });
  assert.deepEqual(await book.factsOf("ollama/qwen3"), {});
  const env = { STIGMER_MODELS_FILE: "/none.json" };
  await assert.rejects(
    openModelBook({ host: fakeHost({ env }), directory: "" }).factsOf("a/b"),
    /"\/none\.json": there is no such file, mend or unset STIGMER_MODELS_FILE/,
  );
});

Deno.test("openModelBook() reads a file that changed again, and names a broken one", async () => {
  const host = fakeHost({ files: { "/home/models.yml": OWN } });
  const book = openModelBook({ host, directory: "/home" });
  assert.equal((await book.factsOf("ollama/x")).contextWindow, 8192);
  await host.files.writeAtomic("/home/models.yml", "models: [");
  assert.equal(
    (await book.factsOf("ollama/x")).contextWindow,
    8192,
    "what was just looked at is not looked at again",
  );
  host.clock.advance(LOOK_MS);
  await assert.rejects(
    book.factsOf("ollama/x"),
    /Cannot read the models of "\/home\/models\.yml"/,
  );
  await host.files.writeAtomic(
    "/home/models.yml",
    "models: { ollama/x: { contextWindow: 4096 } }",
  );
  assert.equal((await book.factsOf("ollama/x")).contextWindow, 4096);
});

Deno.test("openModelBook() finds a file that comes after it looked", async () => {
  const directory = await Deno.makeTempDir();
  try {
    let nowMs = 0;
    const { clock, ...rest } = systemHost();
    const host = {
      ...rest,
      clock: { ...clock, monotonic: () => nowMs += LOOK_MS },
    };
    for (const yearsAgo of [0, 1]) {
      const changed = new Date(Date.now() - yearsAgo * 365 * 86_400_000);
      await Deno.utime(directory, changed, changed);
      const book = openModelBook({ host, directory });
      assert.deepEqual(await book.factsOf("ollama/x"), {});
      await Deno.writeTextFile(`${directory}/models.yaml`, OWN);
      assert.equal((await book.factsOf("ollama/x")).contextWindow, 8192);
      await Deno.remove(`${directory}/models.yaml`);
      assert.deepEqual(await book.factsOf("ollama/x"), {});
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
