import assert from "node:assert/strict";
import { digestAnswer, digestChallenge, parseChallenges } from "./digest.ts";

/** The example of RFC 7616, section 3.9.1. */
const RFC =
  'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, ' +
  'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", ' +
  'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, ' +
  'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';

const REQUEST = {
  username: "Mufasa",
  password: "Circle of Life",
  method: "GET",
  uri: "/dir/index.html",
  clientNonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
};

Deno.test("digest answers the examples of RFC 7616", async () => {
  const challenges = parseChallenges(RFC);
  assert.equal(challenges.length, 2);
  const cases = [
    "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
    "8ca523f5e9506fed4657c9700eebdbec",
  ];
  for (const [i, response] of cases.entries()) {
    const challenge = challenges[i];
    assert.ok(challenge !== undefined);
    const answer = await digestAnswer(challenge, REQUEST);
    assert.match(answer, new RegExp(`response="${response}"`));
    assert.match(answer, /^Digest username="Mufasa", realm="http-auth@/);
    assert.match(answer, /qop=auth, nc=00000001, cnonce="f2\/wE4/);
    assert.match(answer, /opaque="FQhe/);
  }
});

Deno.test("digest prefers the strongest algorithm that it knows", () => {
  const of = (header: string) =>
    digestChallenge(parseChallenges(header))?.parameters.get("algorithm");
  assert.equal(of(RFC), "SHA-256");
  assert.equal(
    of('Digest nonce="a", algorithm=MD5, Digest nonce="a", algorithm=SHA-256'),
    "SHA-256",
  );
  assert.equal(
    of('Digest nonce="a", algorithm=ROT13, Digest nonce="a", algorithm=MD5'),
    "MD5",
  );
});

Deno.test("digest answers no challenge that it cannot", () => {
  const cases = [
    "",
    "Basic",
    'Basic realm="x"',
    'Negotiate abc==, Bearer realm="y"',
    'Digest realm="x"',
    'Digest realm="x", nonce="n", qop="auth-int"',
    'Digest realm="x", nonce="n", algorithm=ROT13',
  ];
  for (const header of cases) {
    assert.equal(digestChallenge(parseChallenges(header)), undefined, header);
  }
});

Deno.test("digest answers an old server, a session and a name of another script", async () => {
  const answer = async (header: string, username = "u") => {
    const challenge = digestChallenge(parseChallenges(header));
    assert.ok(challenge !== undefined, header);
    return await digestAnswer(challenge, {
      username,
      password: "p",
      method: "GET",
      uri: "/",
      clientNonce: "c",
    });
  };
  const old = await answer('Digest realm="r", nonce="n"');
  assert.match(old, /response="[0-9a-f]{32}"$/);
  assert.doesNotMatch(old, /qop|cnonce/);
  const session = await answer(
    'Digest realm="r", nonce="n", qop=auth, algorithm=MD5-sess',
  );
  assert.match(session, /algorithm=MD5-sess/);
  assert.match(session, /cnonce="c"/);
  assert.match(
    await answer('Digest realm="a \\"b\\"", nonce="n"', "é"),
    /^Digest username\*=UTF-8''%C3%A9, realm="a \\"b\\""/,
  );
  assert.match(
    await answer('Digest realm="r", nonce="n", userhash=true'),
    /^Digest username="[0-9a-f]{32}".*userhash=true$/,
  );
});
