import assert from "node:assert/strict";
import { fakeHost, type FakeHostOptions } from "../host/fake.ts";
import type { Host } from "../host/host.ts";
import { systemHost } from "../host/system.ts";
import type { RuleLayer } from "../model/permission.ts";
import { openWorkspace } from "./tools.ts";

interface Fetched {
  readonly text: string;
  readonly isError: boolean;
}

async function fetched(
  url: string,
  { host, hosts, args = {}, layers = [] }: {
    readonly host: Pick<
      Host,
      "clock" | "env" | "files" | "network" | "platform" | "processes"
    >;
    readonly hosts: readonly string[];
    readonly args?: Readonly<Record<string, number | boolean>>;
    readonly layers?: readonly RuleLayer[];
  },
): Promise<Fetched> {
  const workspace = openWorkspace({
    host,
    settings: { folder: "", tools: [], commands: [], hosts },
    workingDirectory: host.platform.cwd(),
  });
  return await workspace.call(
    { tool: "fetch", arguments: { url, ...args }, layers },
    { signal: AbortSignal.timeout(30_000), emit: () => {} },
  );
}

/** A fake machine in a folder that is there. */
function machine(options: FakeHostOptions): Host {
  return fakeHost({ ...options, files: { "/home/user/a": "" } });
}

/** A server of the loopback, as whatever the test wants it to be. */
async function withServer(
  handler: (request: Request) => Response,
  work: (address: string) => Promise<void>,
): Promise<void> {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    handler,
  );
  try {
    await work(`127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}

Deno.test("fetch gives a page as text, a part at a time", async () => {
  const host = systemHost();
  await withServer((request) => {
    const { pathname } = new URL(request.url);
    switch (pathname) {
      case "/long":
        return new Response("z".repeat(90_000));
      case "/image":
        return new Response("x", { headers: { "content-type": "image/png" } });
      case "/latin":
        return new Response(Uint8Array.of(0xe9), {
          headers: { "content-type": "text/plain; charset=iso-8859-1" },
        });
      case "/none":
        return Response.json({ missing: true }, { status: 404 });
      case "/endless":
        return new Response(
          new ReadableStream({
            pull: (to) => to.enqueue(new Uint8Array(1024 * 1024).fill(97)),
          }),
        );
    }
    return new Response('<h1>Hi</h1><a href="/b">there</a>', {
      headers: { "content-type": "text/html" },
    });
  }, async (address) => {
    const options = { host, hosts: [address] };
    const at = `http://${address}`;
    assert.deepEqual(await fetched(`${at}/#part`, options), {
      text: `[200 text/html from ${at}/]\n# Hi\n\nthere (${at}/b)`,
      isError: false,
    });
    const raw = await fetched(at, { ...options, args: { raw: true } });
    assert.match(raw.text, /\n<h1>Hi/);
    const long = await fetched(`${at}/long`, options);
    assert.match(
      long.text,
      /characters 0 to 40000 of 90000; go on with offset 40000\]$/,
    );
    const end = await fetched(`${at}/long`, {
      ...options,
      args: { offset: 80_000 },
    });
    assert.match(end.text, /\nz{10000}$/);
    assert.deepEqual(
      await fetched(`${at}/long`, { ...options, args: { offset: 90_001 } }),
      {
        text: `[200 text/plain from ${at}/long]\n` +
          "The page has 90,000 characters, none is at 90001",
        isError: true,
      },
    );
    const secure = await fetched(`https://${address}/`, options);
    assert.deepEqual(secure, {
      text: "It cannot be had: there is no TLS at that port, only " +
        "http:// as it seems",
      isError: true,
    });
    assert.match((await fetched(`${at}/image`, options)).text, /It is no text/);
    assert.match((await fetched(`${at}/latin`, options)).text, /é$/);
    assert.deepEqual(await fetched(`${at}/none`, options), {
      text: `[404 application/json from ${at}/none]\n{"missing":true}`,
      isError: true,
    });
    assert.match(
      (await fetched(`${at}/endless`, options)).text,
      /the page is longer than 5242880 bytes/,
    );
  });
});

Deno.test("fetch follows a page only to hosts that it may reach", async () => {
  const host = systemHost();
  await withServer((request) => {
    const to = new URL(request.url).searchParams.get("to") ?? "/?to=/";
    return new Response(null, { status: 302, headers: { location: to } });
  }, async (address) => {
    const options = { host, hosts: [address] };
    const at = (to: string): string =>
      `http://${address}/?to=${encodeURIComponent(to)}`;
    const cases: readonly (readonly [string, RegExp])[] = [
      [at("http://127.0.0.1:1/"), /127\.0\.0\.1:1 is none of the hosts/],
      [at("http://169.254.169.254/latest"), /none of the hosts/],
      [at("file:///etc/passwd"), /neither http nor https/],
      [at("http://a:b@127.0.0.1/"), /name or a password/],
      [at("http://"), /which is no URL/],
      [`http://${address}/?to=/`, /leads on more than 5 times/],
    ];
    for (const [url, expected] of cases) {
      const { text, isError } = await fetched(url, options);
      assert.ok(isError, url);
      assert.match(text, expected);
    }
  });
});

Deno.test("fetch follows a page to nothing that rules would not let be fetched", async () => {
  const pages: Readonly<Record<string, string>> = {
    "http://a.example/docs/": "/docs/new",
    "http://a.example/docs/up": "/admin",
    "http://a.example/docs/away": "http://b.example/",
    "http://a.example/docs/evil": "HTTP://EVIL.example:80/x",
    "http://a.example/other": "/else",
    "http://a.example/other/evil": "http://evil.example/",
    "http://a.example/other/away": "http://b.example/",
  };
  const asked: string[] = [];
  const host = machine({
    fetch: ({ url }) => {
      asked.push(url);
      const location = pages[url];
      return Promise.resolve(
        location === undefined
          ? new Response("page")
          : new Response(null, { status: 302, headers: { location } }),
      );
    },
  });
  const layers = [{
    agent: "bot",
    rules: {
      allow: ["fetch:url=http://a.example/docs/*"],
      ask: [],
      deny: ["fetch:url=http://evil.example/*"],
    },
  }];
  const hosts = ["a.example", "b.example", "evil.example"];
  const cases: readonly (readonly [string, RegExp])[] = [
    ["http://a.example/docs/", /page$/],
    [
      "http://a.example/docs/up",
      /leads to http:\/\/a\.example\/admin: fetch it/,
    ],
    ["http://a.example/docs/away", /leads to http:\/\/b\.example\/: fetch it/],
    ["http://a.example/docs/evil", /evil\.example\/x, which .* denied/],
    // Who was asked about a page is not asked again for another of its host.
    ["http://a.example/other", /page$/],
    ["http://a.example/other/away", /fetch it by itself/],
    ["http://a.example/other/evil", /denied/],
  ];
  for (const [url, expected] of cases) {
    assert.match((await fetched(url, { host, hosts, layers })).text, expected);
  }
  assert.deepEqual(asked.filter((it) => !it.startsWith("http://a.")), []);
  assert.ok(!asked.includes("http://a.example/admin"));
  // Where nobody holds an agent to rules, its hosts alone count.
  const free = await fetched("http://a.example/docs/away", { host, hosts });
  assert.match(free.text, /page$/);
});

Deno.test("fetch ends with the call, in the middle of a page", async () => {
  const host = systemHost();
  const ended = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  await withServer(
    () =>
      new Response(
        new ReadableStream({
          pull(to) {
            to.enqueue(new Uint8Array(10));
            begun.resolve();
            return ended.promise;
          },
          cancel: () => ended.resolve(),
        }),
      ),
    async (address) => {
      const abort = new AbortController();
      const workspace = openWorkspace({
        host,
        settings: { folder: "", tools: [], commands: [], hosts: [address] },
        workingDirectory: host.platform.cwd(),
      });
      const call = { tool: "fetch", arguments: { url: `http://${address}/` } };
      const running = workspace.call(call, {
        signal: abort.signal,
        emit: () => {},
      });
      await begun.promise;
      abort.abort(new Error("cancelled"));
      await assert.rejects(running, /cancelled/);
      // The server is let go of as well.
      await ended.promise;
    },
  );
});

Deno.test("fetch reaches what fits a pattern only where it is public", async () => {
  const asked: string[] = [];
  const host = machine({
    addresses: {
      "public.example": ["8.8.8.8"],
      "loop.example": ["127.0.0.1"],
      "both.example": ["8.8.8.8", "10.0.0.1"],
      "six.example": ["::1"],
      "mapped.example": ["::ffff:127.0.0.1"],
      "meta.example": ["169.254.169.254"],
    },
    fetch: (request) => {
      asked.push(request.url);
      return Promise.resolve(new Response("page"));
    },
  });
  const any = { host, hosts: ["*"] };
  assert.match((await fetched("http://public.example/", any)).text, /page$/);
  const cases: readonly (readonly [string, RegExp])[] = [
    ["http://loop.example/", /is 127\.0\.0\.1, which is not public/],
    ["http://both.example/", /is 10\.0\.0\.1, which is not public/],
    ["http://six.example/", /not public/],
    ["http://mapped.example/", /not public/],
    ["http://meta.example/", /not public/],
    ["http://127.0.0.1/", /not public/],
    ["http://[::1]:8080/", /not public/],
    ["http://0x7f.1/", /not public/],
    ["http://2130706433/", /not public/],
    ["http://017700000001/", /not public/],
    ["http://[::ffff:10.0.0.1]/", /not public/],
    ["http://[64:ff9b::7f00:1]/", /not public/],
    ["http://none.example/", /There is no host/],
    ["ftp://public.example/", /neither http nor https/],
    ["http://a:b@public.example/", /name or a password/],
    ["nonsense", /is no URL/],
  ];
  for (const [url, expected] of cases) {
    const { text, isError } = await fetched(url, any);
    assert.ok(isError, url);
    assert.match(text, expected);
  }
  assert.deepEqual(asked, ["http://public.example/"]);
  // Who names a host as it stands means wherever it leads.
  const named = { host, hosts: ["loop.example"] };
  assert.match((await fetched("http://loop.example/", named)).text, /page$/);
});

Deno.test("fetch connects to the address that it looked at", async () => {
  const opened: unknown[] = [];
  const fake = machine({
    addresses: { "a.example": ["2606:4700::1", "1.1.1.1"] },
  });
  const host = {
    ...fake,
    network: {
      ...fake.network,
      openHttpClient: (options: unknown) => {
        opened.push(options);
        return {
          fetch: () => Promise.resolve(new Response("page")),
          reach: () => Promise.resolve(),
          close: () => void opened.push("closed"),
        };
      },
    },
  };
  await fetched("https://a.example/", { host, hosts: ["*.example"] });
  assert.deepEqual(opened, [
    { direct: { hostname: "[2606:4700::1]", port: 443 } },
    "closed",
  ]);
});

Deno.test("fetch looks at the address of what a proxy is not asked for", async () => {
  const asked: string[] = [];
  const fake = machine({
    env: { HTTP_PROXY: "http://proxy.example:1", NO_PROXY: "localhost,.lan" },
    addresses: { "loop.example": ["127.0.0.1"], "a.lan": ["8.8.8.8"] },
    fetch: (request) => {
      asked.push(request.url);
      return Promise.resolve(new Response("page"));
    },
  });
  const host = {
    ...fake,
    network: {
      ...fake.network,
      openHttpClient: () => ({
        fetch: () => Promise.resolve(new Response("pinned")),
        reach: () => Promise.resolve(),
        close: () => {},
      }),
    },
  };
  const any = { host, hosts: ["*"] };
  const cases: readonly (readonly [string, RegExp])[] = [
    // Names that only the proxy knows are its business.
    ["http://far.example/", /page$/],
    ["http://loop.example/", /not public/],
    ["http://localhost/", /There is no host/],
    ["http://b.lan/", /There is no host/],
    ["http://a.lan/", /pinned$/],
    // There is no proxy for it.
    ["https://far.example/", /There is no host/],
    ["https://a.lan/", /pinned$/],
  ];
  for (const [url, expected] of cases) {
    assert.match((await fetched(url, any)).text, expected, url);
  }
  assert.deepEqual(asked, ["http://far.example/"]);
});
