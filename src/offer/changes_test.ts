import { strictEqual } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { until } from "../../tests/until.ts";
import { createChangeFeed } from "./changes.ts";

Deno.test("createChangeFeed() tells of changes while somebody listens, and of no others", async () => {
  const { clock } = fakeHost();
  let tools = "a";
  let isBroken = false;
  let looks = 0;
  const feed = createChangeFeed(clock, {
    pollMs: 1000,
    look: () => {
      looks++;
      return isBroken ? Promise.reject(new Error()) : Promise.resolve(tools);
    },
  });
  let told = 0;
  const stop = feed.subscribe(() => void told++);
  /** Waits until it has looked, and waits itself. */
  const looked = async (): Promise<void> => {
    const before = looks;
    clock.advance(1000);
    await until(() => looks > before && clock.nextTimerAtMs() !== undefined);
  };
  await until(() => clock.nextTimerAtMs() !== undefined);
  await looked();
  strictEqual(told, 0);
  tools = "b";
  await looked();
  strictEqual(told, 1);
  isBroken = true;
  await looked();
  isBroken = false;
  await looked();
  strictEqual(told, 1);
  stop();
  const before = looks;
  tools = "c";
  await until(() => clock.nextTimerAtMs() === undefined);
  strictEqual(told, 1);
  strictEqual(looks, before);
});
