import assert from "node:assert/strict";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  connectionFailure,
  lostConnection,
  silentServer,
  unreachable,
} from "./cloud_errors.ts";
import { toStigmerError } from "./errors.ts";

/** What `fetch` throws: all that tells is in its cause. */
function thrown(text: string): TypeError {
  const url = "https://expired-proxy.example.com/parsed";
  return new TypeError("fetch failed", {
    cause: new Error(`error sending request for url (${url}): ${text}`),
  });
}

Deno.test("unreachable() says in one line why, and the way out", () => {
  const cases = [
    [
      "client error (Connect): dns error: failed to lookup address",
      "fixed",
      /name is not known/,
    ],
    [
      "client error (Connect): tcp connect error: Connection refused (os error 111)",
      "absent",
      /connection refused/,
    ],
    [
      "client error (Connect): No such file or directory (os error 2)",
      "absent",
      /no such socket/,
    ],
    [
      "client error (Connect): Permission denied (os error 13)",
      "fixed",
      /permission denied/,
    ],
    [
      "client error (Connect): invalid peer certificate: UnknownIssuer",
      "fixed",
      /not trusted/,
    ],
    [
      "client error (Connect): invalid peer certificate: certificate expired: verification time 1",
      "fixed",
      /has expired/,
    ],
    [
      "client error (Connect): invalid peer certificate: certificate not valid yet: verification time 1",
      "fixed",
      /not valid yet/,
    ],
    [
      'client error (Connect): invalid peer certificate: certificate not valid for name "x"',
      "fixed",
      /another name/,
    ],
    [
      "client error (Connect): received corrupt message of type InvalidContentType",
      "fixed",
      /no TLS/,
    ],
    [
      "client error (SendRequest): invalid HTTP version parsed",
      "fixed",
      /no plain HTTP/,
    ],
    [
      "client error (Connect): tunnel error: unsuccessful",
      "fixed",
      /proxy of this machine/,
    ],
    [
      "client error (Connect): Network is unreachable (os error 101)",
      "fixed",
      /no way leads/,
    ],
    [
      "client error (SendRequest): connection closed before message completed",
      "lost",
      /connection was lost/,
    ],
    [
      "client error (SendRequest): Connection reset by peer (os error 104)",
      "lost",
      /connection was lost/,
    ],
    ["Fetch failed: Requests to port 6000 are blocked", "fixed", /port/],
    ['Requires net access to "x:80", run again', "fixed", /may not use/],
    ["something else", "lost", /connection was lost/],
  ] as const;
  for (const [text, kind, why] of cases) {
    const error = unreachable("https://x", thrown(text));
    assert.equal(connectionFailure(error), kind, text);
    assert.equal(error.code, Code.Unavailable);
    assert.match(error.rawMessage, /^Cannot reach "https:\/\/x": /);
    assert.match(error.rawMessage, why);
    const { hints, code } = toStigmerError(error);
    assert.equal(hints.length, 1);
    assert.equal(code, "UNAVAILABLE");
  }
});

Deno.test("connectionFailure() knows what never came from a server", () => {
  assert.equal(connectionFailure(lostConnection("x", undefined)), "lost");
  assert.equal(connectionFailure(silentServer("x", 3000)), "fixed");
  assert.match(silentServer("x", 3000).rawMessage, /within 3 s$/);
  const others = [
    new ConnectError("x", Code.Unavailable),
    new TypeError("x"),
    undefined,
  ];
  for (const it of others) assert.equal(connectionFailure(it), undefined);
});
