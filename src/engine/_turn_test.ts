import assert from "node:assert/strict";
import { turnEnds } from "./_turn.ts";

Deno.test("a turn ends after all that is done at once, the first ones too", async () => {
  const atTurnEnd = turnEnds();
  for (let i = 0; i < 20; i++) {
    let done = 0;
    const atEnd = new Promise<number>((resolve) =>
      atTurnEnd(() => resolve(done))
    );
    done++;
    done++;
    assert.equal(await atEnd, 2);
  }
});

Deno.test("later turns end after the promises that are settled already", async () => {
  const atTurnEnd = turnEnds();
  for (let i = 0; i < 10; i++) {
    await new Promise<void>((resolve) => atTurnEnd(resolve));
  }
  let done = 0;
  const atEnd = new Promise<number>((resolve) =>
    atTurnEnd(() => resolve(done))
  );
  for (let i = 0; i < 5; i++) await Promise.resolve();
  done++;
  assert.equal(await atEnd, 1);
});
