import { deepStrictEqual, rejects } from "node:assert/strict";
import { until } from "../../tests/until.ts";
import { type FakeHost, fakeHost } from "../host/fake.ts";
import { download, openDownload } from "./download.ts";

const STARTED_AT_MS: number = Date.UTC(2026, 0, 1);
const URL_OF_FILE = "https://example.com/releases/file";

/** Takes a file from what answers, on a machine whose time a test moves. */
function take(
  answer: (request: Request) => Response,
  options: { readonly left?: AbortController } = {},
) {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const host = fakeHost({
    fetch: (request) => {
      resolve();
      return Promise.resolve(answer(request));
    },
  });
  const { signal } = options.left ?? new AbortController();
  const taken = download({ host, signal }, URL_OF_FILE, {
    sizeBytesMax: 100,
  });
  taken.catch(() => {});
  return { host, taken, asked };
}

/** A body that gives what it is told to, when it is told to. */
function slowBody(signal: AbortSignal): {
  readonly body: ReadableStream<Uint8Array>;
  give(text: string): void;
} {
  let give = (_text: string): void => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      give = (text) => controller.enqueue(new TextEncoder().encode(text));
      signal.addEventListener("abort", () => controller.error(signal.reason));
    },
  });
  return { body, give: (text) => give(text) };
}

/** Waits until what came was taken: the silence begins anew then. */
async function heard({ clock }: FakeHost): Promise<void> {
  const silenceEndsMs = clock.now() + 30_000;
  const wholeEndsMs = STARTED_AT_MS + 30 * 60_000;
  const next = Math.min(silenceEndsMs, wholeEndsMs);
  await until(() => clock.nextTimerAtMs() === next);
}

Deno.test("download() asks for bytes as they are, and follows where it may", async () => {
  const asked: string[] = [];
  const { taken } = take((request) => {
    asked.push(request.url);
    deepStrictEqual(request.headers.get("accept-encoding"), "identity");
    deepStrictEqual(request.redirect, "manual");
    return asked.length < 3
      ? new Response(null, {
        status: 302,
        headers: { location: `/${asked.length}` },
      })
      : new Response("there");
  });
  deepStrictEqual(new TextDecoder().decode(await taken), "there");
  deepStrictEqual(asked, [
    URL_OF_FILE,
    "https://example.com/1",
    "https://example.com/2",
  ]);
});

Deno.test("download() refuses without a word of what may be secret", async () => {
  const location = "/kept?signature=S3CRET";
  for (const status of [404, 500]) {
    const { taken } = take(({ url }) =>
      url === URL_OF_FILE
        ? new Response(null, { status: 302, headers: { location } })
        : new Response(null, { status })
    );
    await rejects(taken, /"https:\/\/example\.com\/kept\?…"/);
  }
});

Deno.test("download() follows to nothing that anybody could answer for", async () => {
  for (
    const location of [
      "http://example.com/file",
      // Only releases on this machine lead to this machine.
      "http://127.0.0.1:1/file",
      "file:///etc/passwd",
      "data:,there",
      "http://[",
    ]
  ) {
    const { taken } = take(() =>
      new Response(null, { status: 301, headers: { location } })
    );
    await rejects(taken, /leads to an address that is not https/, location);
  }
});

Deno.test("download() says what a server answered", async () => {
  const cases: readonly (readonly [number, RegExp])[] = [
    [404, /There is no "https:/],
    [410, /There is no "https:/],
    [403, /the server answered 403/],
    [500, /the server answered 500/],
    [206, /the server answered 206/],
    [302, /the server answered 302/],
  ];
  for (const [status, says] of cases) {
    const { taken } = take(() => new Response(null, { status }));
    await rejects(taken, says);
  }
});

Deno.test("download() gives up on what is too large, said or not", async () => {
  const body = "x".repeat(101);
  const said = take(() =>
    new Response(body, { headers: { "content-length": "101" } })
  );
  await rejects(said.taken, /it is larger than 100 bytes/);
  const unsaid = take(() => new Response(body));
  await rejects(unsaid.taken, /it is larger than 100 bytes/);
});

Deno.test("download() refuses fewer bytes than were promised", async () => {
  const { taken } = take(() =>
    new Response("half", { headers: { "content-length": "8" } })
  );
  await rejects(taken, /4 of 8 bytes came/);
});

Deno.test("download() waits as long as something comes, and no longer", async () => {
  let slow: ReturnType<typeof slowBody> | undefined;
  const { host, taken, asked } = take((request) => {
    slow = slowBody(request.signal);
    return new Response(slow.body);
  });
  await asked;
  for (let i = 0; i < 4; i++) {
    host.clock.advance(20_000);
    slow?.give(".");
    await heard(host);
  }
  host.clock.advance(30_000);
  await rejects(taken, /nothing came for 30 s/);
});

Deno.test("download() that never ends is ended", async () => {
  let slow: ReturnType<typeof slowBody> | undefined;
  const { host, taken, asked } = take((request) => {
    slow = slowBody(request.signal);
    return new Response(slow.body);
  });
  await asked;
  for (let i = 0; i < 71; i++) {
    host.clock.advance(25_000);
    slow?.give(".");
    await heard(host);
  }
  host.clock.advance(25_000);
  await rejects(taken, /it took more than 30 minutes/);
});

Deno.test("download() that is left ends with why, and leaves no timer", async () => {
  const left = new AbortController();
  const { host, taken, asked } = take(
    (request) => new Response(slowBody(request.signal).body),
    { left },
  );
  await asked;
  left.abort(new Error("left"));
  await rejects(taken, /left/);
  deepStrictEqual(host.clock.nextTimerAtMs(), undefined);
});

Deno.test("download() says what lies under a network that fails", async () => {
  const host = fakeHost({
    fetch: () =>
      Promise.reject(
        new TypeError("error sending request", {
          cause: new Error("no such host"),
        }),
      ),
  });
  const { signal } = new AbortController();
  await rejects(
    download({ host, signal }, URL_OF_FILE, { sizeBytesMax: 1 }),
    /Cannot take "https:.*": no such host/,
  );
  deepStrictEqual(host.clock.nextTimerAtMs(), undefined);
});

Deno.test("openDownload() that nobody begins to read leaves no timer and no connection", async () => {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const host = fakeHost({
    fetch: (request) => {
      request.signal.addEventListener("abort", () => end());
      return Promise.resolve(new Response(slowBody(request.signal).body));
    },
  });
  const { signal } = new AbortController();
  {
    await using _download = await openDownload(
      { host, signal },
      URL_OF_FILE,
      { sizeBytesMax: 1 },
    );
  }
  deepStrictEqual(host.clock.nextTimerAtMs(), undefined);
  await ended;
});

Deno.test("openDownload() that was read in part leaves no timer", async () => {
  const host = fakeHost({
    fetch: () => Promise.resolve(new Response("some text")),
  });
  const { signal } = new AbortController();
  {
    await using opened = await openDownload({ host, signal }, URL_OF_FILE, {
      sizeBytesMax: 100,
    });
    await opened.chunks.next();
  }
  deepStrictEqual(host.clock.nextTimerAtMs(), undefined);
});
