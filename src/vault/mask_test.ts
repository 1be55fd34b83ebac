import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { failureOf } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import { sealedReference } from "../model/sealed.ts";
import { COMPUTED_TEXTS_MAX, createMask } from "./mask.ts";

Deno.test("createMask() hides secrets wherever they stand, and in common spellings", () => {
  const mask = createMask({
    token: "s3cr3t/+k",
    account: { user: "ada", password: "päss&wörd", phrase: "två ord&mer" },
  });
  const cases: readonly (readonly [Json, Json])[] = [
    ["before s3cr3t/+k after", "before *** after"],
    [`Basic ${btoa("s3cr3t/+k")}`, "Basic ***"],
    ["?key=s3cr3t%2F%2Bk&x=1", "?key=***&x=1"],
    ['{\\"key\\": \\"s3cr3t/+k\\"}', '{\\"key\\": \\"***\\"}'],
    [{ "s3cr3t/+k": ["p", "päss&wörd", 1, null] }, {
      "***": ["p", "***", 1, null],
    }],
    ["p%C3%A4ss%26w%C3%B6rd", "***"],
    // As an address has it that was made of a text, and as a form has it.
    [new URL("https://a.test/?key=två ord&mer#x").search, "?key=***"],
    [`${new URLSearchParams({ key: "två ord&mer" })}`, "key=***"],
    // Too short to be told from other texts.
    ["ada", "ada"],
  ];
  for (const [value, hidden] of cases) {
    deepStrictEqual(mask.json(value), hidden);
  }
});

Deno.test("a secret is hidden in the base64 of a longer text, wherever it stands", () => {
  const password = "pw-5a4b3c2d";
  const mask = createMask({ password });
  for (const before of ["", "a", "ab", "abc", "ada:", "ada-l:"]) {
    for (const after of ["", ":", "::", ":::"]) {
      const masked = mask.text(btoa(before + password + after));
      match(masked, /\*\*\*/, `"${before}" and "${after}" around it`);
      // What is left is of what stands around, and of the bits at the edges.
      const around = Math.ceil((before.length + after.length) * 4 / 3);
      ok(masked.replace("***", "").replaceAll("=", "").length <= around + 3);
    }
  }
});

Deno.test("a secret is hidden in the base64 and hex of JSON that has it", () => {
  for (
    const secret of ['a"quoted\\one"', "two\nlines of it", "ein schöner 🔑"]
  ) {
    const mask = createMask({ secret });
    const escaped = JSON.stringify({ value: secret, n: 1 });
    const ascii = escaped.replace(
      /[^\0-\x7f]/g,
      (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
    for (const json of [escaped, ascii]) {
      const bytes = new TextEncoder().encode(json);
      for (
        const text of [
          bytes.toBase64(),
          bytes.toBase64({ alphabet: "base64url", omitPadding: true }),
          bytes.toHex(),
        ]
      ) {
        const masked = mask.text(text);
        match(masked, /\*\*\*/, `${json} as ${text}`);
        ok(masked.length < 48, masked);
      }
    }
  }
});

Deno.test("a masked text shows no secret, however it is cut into pieces", () => {
  const text = "one s3cr3t two s3cr3s3cr3t three";
  for (let size = 1; size <= text.length; size++) {
    const pieces = createMask({ key: "s3cr3t" }).pieces();
    let shown = "";
    for (let at = 0; at < text.length; at += size) {
      shown += pieces.push(text.slice(at, at + size));
    }
    strictEqual(
      shown + pieces.flush(),
      "one *** two s3cr3*** three",
      `in pieces of ${size}`,
    );
  }
});

Deno.test("what is added to a mask is hidden from then on", () => {
  const mask = createMask({});
  strictEqual(mask.text("token-1"), "token-1");
  mask.add("token-1");
  strictEqual(mask.text("token-1"), "***");
  mask.add("a");
  strictEqual(mask.text("a"), "a");
});

Deno.test("what is computed is hidden as a whole, and of much the newest", () => {
  const mask = createMask({ K: "tok-9f8e7d6c" });
  const lines = "host: db.example.com\nkey: TOK-9F8E7D6C";
  mask.addComputed([lines, "https://h.example.com/?k=TOK", "abc"]);
  strictEqual(mask.text(`got ${lines}.`), "got ***.");
  strictEqual(mask.text(btoa(lines)), "***");
  strictEqual(mask.text("host: db.example.com"), "host: db.example.com");
  strictEqual(mask.text("https://h.example.com/"), "https://h.example.com/");
  strictEqual(mask.text("abc"), "abc");
  const texts = Array.from(
    { length: COMPUTED_TEXTS_MAX + 1 },
    (_, i) => `computed-${i}.`,
  );
  for (const text of texts) mask.addComputed([text]);
  strictEqual(mask.text(`${texts.at(0)} ${texts.at(1)}`), "computed-0. ***");
  strictEqual(mask.text(`${texts.at(-1)} tok-9f8e7d6c`), "*** ***");
  mask.add("another-5a4b");
  strictEqual(mask.text(`${texts.at(-1)} another-5a4b`), "*** ***");
});

Deno.test("a long text that was computed is hidden in parts", () => {
  const mask = createMask({});
  const text = Array.from({ length: 1500 }, (_, i) => `${i * 7919};`).join("");
  mask.addComputed([text]);
  strictEqual(
    mask.text(`is ${text}.`).replace(/(?:\*\*\*)+/, "***"),
    "is ***.",
  );
});

Deno.test("a secret that is part of another leaves nothing of it", () => {
  const mask = createMask({ short: "abcd", long: "abcd-efgh" });
  strictEqual(mask.text("abcd-efgh abcd"), "*** ***");
  const pieces = mask.pieces();
  strictEqual(
    pieces.push("abcd") + pieces.push("-efgh abcd-") + pieces.flush(),
    "*** ***-",
  );
});

const HARD = "p'a\"s$s w`o\\r%d&<é😀>";
const PEM = [
  "-----BEGIN PRIVATE KEY-----",
  "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj",
  "MzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu",
  "NMoSfm76oqFvAp8Gy0iz5sxjZmSnXyCdPEovGhLa0VzMaQ8s+CLOyS56YyCFGeJZ",
  "-----END PRIVATE KEY-----",
  "",
].join("\n");

function inLines(text: string, length: number): string {
  return (text.match(new RegExp(`.{1,${length}}`, "g")) ?? []).join("\n");
}

function hexOf(text: string): string {
  return new TextEncoder().encode(text).toHex();
}

function base64Of(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

Deno.test("a secret is hidden as shells, mail, markup and dumps write it", () => {
  const hex = hexOf(HARD);
  const pairs = hex.match(/../g) ?? [];
  const cases: Readonly<Record<string, string>> = {
    "single quotes": `'${HARD.replaceAll("'", "'\\''")}'`,
    "single quotes by double ones": `'${HARD.replaceAll("'", `'"'"'`)}'`,
    "double quotes": `"${HARD.replaceAll(/["$`\\]/g, "\\$&")}"`,
    backslashes: HARD.replaceAll(
      /[^0-9A-Za-z]/gu,
      (it) => it <= "\x7f" ? `\\${it}` : it,
    ),
    "$'…'": `$'${
      HARD.replaceAll(/[\\']/g, "\\$&").replace("é", "\\303\\251")
        .replace("😀", "\\xf0\\x9f\\x98\\x80")
    }'`,
    "JSON in single quotes": `'${
      JSON.stringify({ t: HARD }).replaceAll("'", "'\\''")
    }'`,
    "YAML, single quotes": `t: '${HARD.replaceAll("'", "''")}'`,
    "quoted-printable": pairs.map((it) => `=${it.toUpperCase()}`).join(""),
    hex,
    "hex in upper case": hex.toUpperCase(),
    "hex by colons": pairs.join(":"),
    "hex in lines": inLines(hex, 60),
    "hex of C": pairs.map((it) => `0x${it}`).join(", "),
    "hex escapes": pairs.map((it) => `\\x${it}`).join(""),
    "all in percent": pairs.map((it) => `%${it}`).join(""),
    "all in percent, twice": pairs.map((it) => `%25${it.toUpperCase()}`)
      .join(""),
    "all in JSON escapes": Array.from(
      { length: HARD.length },
      (_, i) => `\\u${HARD.charCodeAt(i).toString(16).padStart(4, "0")}`,
    ).join(""),
    "all in markup": [...HARD].map((it) => `&#${it.codePointAt(0)};`).join(""),
    "markup in markup": HARD.replaceAll("&", "&amp;amp;")
      .replaceAll("<", "&amp;lt;").replaceAll(">", "&amp;gt;"),
    base64: base64Of(HARD),
    "base64 without padding": base64Of(HARD).replaceAll("=", ""),
    "base64 of addresses": base64Of(HARD).replaceAll("+", "-")
      .replaceAll("/", "_"),
    "base64 in short lines": inLines(base64Of(HARD), 8),
    "base64 in lines": inLines(base64Of("x".repeat(60) + HARD), 76),
    "base64 in lines in JSON": JSON.stringify(
      inLines(base64Of("x".repeat(60) + HARD), 76),
    ),
  };
  const mask = createMask({ HARD });
  for (const [name, written] of Object.entries(cases)) {
    const masked = mask.text(`before ${written} after`);
    match(masked, /^before .*\*\*\*.* after$/s, name);
    // At most the quotes around it, and what base64 has of what is around it.
    const left = masked.replace(/^before /, "").replace(/ after$/, "")
      .replaceAll(/eHh4[^*]*/g, "").replaceAll(/[^0-9A-Za-z]/g, "");
    ok(left.length <= 3, `${name}: ${masked}`);
  }
});

Deno.test("each line of a secret is hidden by itself, and lines that are broken anew", () => {
  const mask = createMask({ PEM, note: "first line\r\n  two\n\n=====\nlast" });
  const lines = PEM.trim().split("\n");
  const body = lines.slice(1, -1).join("");
  for (const line of lines.slice(1, -1)) {
    strictEqual(mask.text(`    ${line}\n`), "    ***\n");
  }
  for (const length of [48, 60, 70, 76, 1000]) {
    strictEqual(mask.text(`<${inLines(body, length)}>`), "<***>", `${length}`);
  }
  strictEqual(mask.text(PEM.replaceAll("\n", "\r\n")).trim(), "***");
  strictEqual(mask.text(PEM.replaceAll("\n", " ")).trim(), "***");
  strictEqual(mask.text(JSON.stringify(PEM)).replace("\\n", ""), '"***"');
  strictEqual(mask.text("a first line, and last"), "a ***, and ***");
  strictEqual(
    mask.text("two ===== -----BEGIN PRIVATE KEY-----"),
    "two ===== -----BEGIN PRIVATE KEY-----",
  );
  // As variables of the environment often have it.
  const flat = createMask({ key: PEM.replaceAll("\n", "\\n") });
  strictEqual(flat.text(PEM).trim(), "***");
  strictEqual(flat.text(lines[2] ?? ""), "***");
});

Deno.test("a secret that is JSON is hidden as a whole, and each text in it", () => {
  const secret = JSON.stringify(
    { id: 12345678, user: "ada", keys: [{ key: "k-9f8e7d" }], pem: PEM },
    null,
    2,
  );
  const mask = createMask({ secret });
  const value: Json = JSON.parse(secret);
  deepStrictEqual(mask.json(value), {
    id: "***",
    user: "ada",
    keys: [{ key: "***" }],
    pem: "***\n",
  });
  strictEqual(mask.text(secret), "***");
  strictEqual(mask.text(JSON.stringify(value)), "***");
  strictEqual(mask.text(base64Of(secret)), "***");
  strictEqual(mask.text("12345678, k-9f8e7d"), "***, ***");
});

Deno.test("the password in the address of a database is hidden", () => {
  const mask = createMask({ url: "postgres://ada:pw%205a4b3c@db:5432/x" });
  strictEqual(
    mask.text("refused pw 5a4b3c for ada@db"),
    "refused *** for ada@db",
  );
  strictEqual(mask.text("(pw%205a4b3c)"), "(***)");
});

Deno.test("what is not secret is left as it is", () => {
  const mask = createMask({
    token: "s3cr3t/+k",
    short: "abc",
    spaced: " \n k-12345 \n",
    dropped: "a\n\n\n\nb",
  });
  const texts = [
    "s3cr3t/+",
    "3cr3t/+k",
    "abc",
    "ab a b",
    "a\nb",
    "S3CR3T/+K",
    "czNjcjN0LytM",
    "k-1234 5",
    "\ud83d",
    "é漢😀\ufeff",
  ];
  for (const text of texts) {
    strictEqual(mask.text(text), text);
    const pieces = mask.pieces();
    strictEqual(pieces.push(text) + pieces.flush(), text);
  }
  strictEqual(mask.text("(k-12345 )"), "(*** )");
  const value: Json = { a: [1, "x", { b: null }], n: 12.5 };
  strictEqual(mask.json(value), value);
});

Deno.test("a number is hidden where a secret is one", () => {
  const mask = createMask({ pin: "482913" });
  deepStrictEqual(mask.json([482913, 14829130, 4829]), ["***", "1***0", 4829]);
});

Deno.test("a failure is masked in all its parts, and what it cuts off", () => {
  const mask = createMask({ token: "tok-9f8e7d6c 5b" });
  deepStrictEqual(
    mask.failure({
      type: "https://e.test/tok-9f8e7d6c%205b",
      status: 500,
      title: "tok-9f8e7d6c 5b",
      detail: 'tok-9f8e7d6c 5b, said tok-9f8e…, ("tok-9...) wait... to…',
      instance: "/do/0/tok-9f8e7d6c 5b",
    }),
    {
      type: "https://e.test/***",
      status: 500,
      title: "***",
      detail: '***, said ***…, ("***...) wait... to…',
      instance: "/do/0/***",
    },
  );
});

Deno.test("a long secret in small pieces is hidden, and takes no long time", () => {
  const secret = Array.from(
    { length: 8192 },
    (_, i) => String.fromCharCode(97 + (i * i + i * 7) % 26),
  ).join("");
  const pieces = createMask({ secret }).pieces();
  let shown = "";
  const beginMs = performance.now();
  for (const char of `<${secret}><${secret.slice(0, -1)}>`) {
    shown += pieces.push(char);
  }
  strictEqual(shown + pieces.flush(), `<***><${secret.slice(0, -1)}>`);
  ok(performance.now() - beginMs < 5000);
});

Deno.test("long texts are masked across the slices that are looked at", () => {
  const mask = createMask({
    ascii: "k-9f8e7d6c",
    wide: "ключ-к-двери",
    x4: "xK9q",
  });
  for (const filler of ["x", "é", "漢", "😀"]) {
    const count = Math.floor(65_520 / filler.length);
    for (let more = 0; more < 24; more++) {
      const before = filler.repeat(count) + "-".repeat(more);
      for (const secret of ["k-9f8e7d6c", "ключ-к-двери", "xK9q"]) {
        const masked = mask.text(`${before}${secret}${filler}`);
        ok(masked === `${before}***${filler}`, `${filler} ${more} ${secret}`);
      }
    }
  }
});

Deno.test("a secret that is split between two long pieces is hidden", () => {
  const long = Array.from({ length: 150 }, (_, i) => `k-${i}`).join("");
  const mask = createMask({ token: "k-9f8e7d6c", long, end: "149kkkk" });
  for (const secret of ["k-9f8e7d6c", long, `${long}kkkk`]) {
    const text = `${"a k-9f8".repeat(50)}<${secret}>${"b k-9f8".repeat(100)}`;
    const whole = mask.text(text);
    ok(whole.includes("<***>"));
    const first = text.indexOf("<");
    for (let cut = first; cut <= first + secret.length + 2; cut += 3) {
      const pieces = mask.pieces();
      const shown = pieces.push(text.slice(0, cut)) +
        pieces.push(text.slice(cut)) + pieces.flush();
      ok(shown === whole, `${secret.length} at ${cut}: ${shown}`);
    }
  }
});

Deno.test("a long secret that repeats itself takes no long time", () => {
  const secret = "seed5a4b:".repeat(910);
  const mask = createMask({ secret });
  const beginMs = performance.now();
  for (const text of [`<${secret}>`, `${secret}seed`, `<${secret.slice(9)}>`]) {
    const pieces = mask.pieces();
    let shown = "";
    for (let at = 0; at < text.length; at += 50) {
      shown += pieces.push(text.slice(at, at + 50));
    }
    strictEqual(shown + pieces.flush(), mask.text(text));
  }
  strictEqual(mask.text(`<${secret}>`), "<***>");
  ok(performance.now() - beginMs < 20_000);
});

Deno.test("a secret is hidden where mail or a shell broke its line", () => {
  const mask = createMask({ token: "tok-9f8e7d6c5b4a" });
  strictEqual(mask.text("t=3D tok-9f8e=\n7d6c5b4a ="), "t=3D *** =");
  strictEqual(mask.text("tok-9f8e7d=\r\n6c5b4a."), "***.");
  strictEqual(mask.text("tok-9f8e\\\n7d6c5b4a."), "***.");
});

Deno.test("a mask steps over the references of its run", () => {
  const mark = "00112233445566778899aabbccddeeff";
  const reference = sealedReference(mark, "^0#/login/user");
  const secrets = { a: "sealed", b: "5566", c: "login", d: "0-and-" };
  const mask = createMask(secrets, { mark });
  const text = `5566 ${reference}${reference}login`;
  const masked = `*** ${reference}${reference}***`;
  deepStrictEqual(mask.text(text), masked);
  deepStrictEqual(mask.json({ [text]: [text] }), { [masked]: [masked] });
  const { detail } = mask.failure(failureOf("runtime", text));
  deepStrictEqual(detail, masked);
  // Those of another run are data.
  const other = sealedReference(mark.replaceAll("f", "e"), "^0");
  ok(!mask.text(other).includes("sealed"));
  ok(!createMask(secrets).text(reference).includes("sealed"));
});

Deno.test("a failure that everyone knows is still that with secrets like its words", () => {
  const mask = createMask({ a: "timeout", b: "spec" });
  const failure = failureOf("timeout", "a timeout");
  const { type, detail } = mask.failure(failure);
  deepStrictEqual({ type, detail }, { type: failure.type, detail: "a ***" });
});

Deno.test("a secret with dots in it is hidden in a failure, whole and cut off", () => {
  const detailOf = (secret: string, detail: string): string =>
    createMask({ secret }).failure(failureOf("runtime", detail)).detail;
  for (const dots of ["...", "…"]) {
    const secret = `abcd${dots}efgh${dots}ijkl`;
    const cases: readonly (readonly [string, string])[] = [
      [secret, "***"],
      [`is ${secret} and ${secret}`, "is *** and ***"],
      [`is abcd${dots}efgh${dots} then`, `is ***${dots} then`],
      [`is abcd${dots}ef… then`, "is ***… then"],
      [`is abcd… then${dots} done`, `is ***… then${dots} done`],
    ];
    for (const [detail, shown] of cases) {
      deepStrictEqual(detailOf(secret, detail), shown, detail);
    }
  }
});

Deno.test("a failure that is full of cuts takes no long time", () => {
  const { failure } = createMask({ secret: "s3cret...of...many...parts" });
  const beginMs = performance.now();
  for (const part of ["s3c...", ".", "s3cret...of...", "…"]) {
    ok(failure(failureOf("runtime", part.repeat(50_000))).detail.length > 0);
  }
  ok(performance.now() - beginMs < 5000);
});
