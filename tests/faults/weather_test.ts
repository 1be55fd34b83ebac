import assert from "node:assert/strict";
import { toStigmerError } from "../../src/backend/errors.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { startFlow, storeFlow } from "../backend/flow.ts";
import { INSTRUCTIONS } from "../backend/suite.ts";
import { clientOf, serveHere } from "../cloud/serving.ts";
import { seededFraction } from "../../src/host/fake.ts";
import { startChaosProxy, type Weather } from "../servers/chaos_proxy.ts";

const SEEDS = [7, 90_001];
const CALLERS = 8;
const CALLS_EACH = 10;
const WEATHER_MS = 40;

/** A weather by chance; half of the time it is fair. */
function weatherOf(random: () => number): Weather {
  const kinds: readonly Weather[] = [
    { delayMs: Math.ceil(random() * 20) },
    { truncateAfterBytes: Math.ceil(random() * 600) },
    { refuse: true },
    { duplicate: true },
  ];
  return kinds[Math.floor(random() * kinds.length * 2)] ?? {};
}

/** Says that an error is one that people can do something about. */
function isClear(thrown: unknown): void {
  const { code, message, hints } = toStigmerError(thrown);
  assert.match(code, /^(UNAVAILABLE|DEADLINE_EXCEEDED)$/, message);
  assert.match(message, /^Cannot reach "http:|^Cannot wait for "http:/);
  assert.equal(hints.length, 1);
}

/** Waits until the weather changes. */
function passing(): Promise<void> {
  return new Promise((done) => setTimeout(done, WEATHER_MS));
}

/** Makes something and asks for it; gives what it knows to be there. */
async function call(
  client: BackendClient,
  name: string,
): Promise<string | undefined> {
  try {
    const { agent } = await client.createAgent({
      agent: { metadata: { name }, spec: { instructions: INSTRUCTIONS } },
    });
    assert.equal(agent?.metadata?.name, name);
    assert.equal(agent.metadata.version?.number, 1);
  } catch (error) {
    isClear(error);
    return undefined;
  }
  try {
    const { agent } = await client.getAgent({ name });
    assert.equal(agent?.metadata?.name, name);
  } catch (error) {
    isClear(error);
  }
  return name;
}

for (const seed of SEEDS) {
  Deno.test(`calls give what is right or one clear error, and make nothing twice: ${seed}`, async () => {
    const random = seededFraction(seed);
    await using serving = await serveHere();
    const { client } = serving.local;
    await storeFlow(client, [{ greet: { set: { text: "hello" } } }]);
    const id = await startFlow(client);
    await using proxy = startChaosProxy(serving.port);
    await using backend = clientOf(proxy.port, { timeoutMs: 10_000 });
    await backend.client.getBackendInfo({});
    const sequences: number[] = [];
    const watching = (async () => {
      for await (const { event } of backend.client.watchExecution({ id })) {
        sequences.push(event?.sequence ?? -1);
      }
    })();
    const made: string[] = [];
    const calling = Promise.all(
      Array.from({ length: CALLERS }, async (_, caller) => {
        for (let i = 0; i < CALLS_EACH; i++) {
          const name = await call(backend.client, `bot-${caller}-${i}`);
          if (name !== undefined) made.push(name);
        }
      }),
    );
    let signals = 0;
    let isOver = false;
    const over = () => void (isOver = true);
    calling.then(over, over);
    while (!isOver) {
      proxy.set(weatherOf(random));
      if (random() < 0.7) proxy.cut();
      await client.signalExecution({ id, name: `s${++signals}` });
      await passing();
    }
    await calling;
    proxy.set({});
    await client.cancelExecution({ id });
    await watching;
    const whole = Array.from({ length: signals + 3 }, (_, i) => i + 1);
    assert.deepEqual(sequences, whole);
    const { agents } = await client.listAgents({ page: { size: 1000 } });
    const names = agents.map((it) => it.metadata?.name ?? "");
    assert.equal(new Set(names).size, names.length);
    for (const agent of agents) {
      assert.equal(agent.metadata?.version?.number, 1);
    }
    const lost = made.filter((it) => !names.includes(it));
    assert.deepEqual(lost, []);
    assert.ok(made.length > CALLERS * CALLS_EACH / 2, `${made.length} made`);
  });
}
