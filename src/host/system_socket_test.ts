import assert from "node:assert/strict";
import { openSocket } from "./system_socket.ts";

const MESSAGES = 40_000;

Deno.test("a socket that is not read keeps a bounded number of messages, and says so", async () => {
  const { promise: sent, resolve } = Promise.withResolvers<void>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onopen = () => {
        for (let i = 0; i < MESSAGES; i++) socket.send(String(i));
      };
      socket.onclose = () => resolve();
      return response;
    },
  );
  const socket = await openSocket(`ws://127.0.0.1:${server.addr.port}`, {
    signal: new AbortController().signal,
    headers: {},
  });
  // All of them came before the answer to the goodbye.
  await sent;
  let read = 0;
  await assert.rejects(async () => {
    for await (const _ of socket.messages) read++;
  }, /messages come faster than they are read/);
  assert.ok(read > 0 && read <= 10_000, `${read} were kept`);
  await socket.close();
  await server.shutdown();
});

Deno.test("a socket that is called off ends its messages with the reason", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => Deno.upgradeWebSocket(request).response,
  );
  const abort = new AbortController();
  const socket = await openSocket(`ws://127.0.0.1:${server.addr.port}`, {
    signal: abort.signal,
    headers: {},
  });
  const reading = Array.fromAsync(socket.messages);
  abort.abort(new Error("gone"));
  await assert.rejects(reading, /gone/);
  await socket.close();
  await server.shutdown();
});
