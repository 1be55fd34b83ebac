import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { blameCaller } from "./bad_message.ts";

async function answered(
  status: number,
  text: string,
  type = "application/json",
): Promise<{ readonly status: number; readonly text: string }> {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(new TextEncoder().encode(text.slice(0, 9)));
    yield new TextEncoder().encode(text.slice(9));
  }
  const response = await blameCaller({
    status,
    header: new Headers({ "content-type": type }),
    body: body(),
  });
  let read = "";
  for await (const chunk of response.body ?? []) {
    read += new TextDecoder().decode(chunk);
  }
  return { status: response.status, text: read };
}

Deno.test("blameCaller() makes of a message that cannot be read an invalid argument", async () => {
  deepStrictEqual(
    await answered(
      500,
      '{"code":"internal","message":"parse binary: premature EOF"}',
    ),
    {
      status: 400,
      text:
        '{"code":"invalid_argument","message":"Cannot read the message: premature EOF"}',
    },
  );
});

Deno.test("blameCaller() says of JSON that cannot be read what is wrong with it", async () => {
  deepStrictEqual(
    await answered(
      400,
      '{"code":"invalid_argument","message":"cannot decode message a.b.C from JSON: key \\"x\\" is unknown"}',
    ),
    {
      status: 400,
      text:
        '{"code":"invalid_argument","message":"Cannot read the message: key \\"x\\" is unknown"}',
    },
  );
});

const LEFT_ALONE: readonly (readonly [string, number, string, string?])[] = [
  [
    "another failure",
    500,
    '{"code":"internal","message":"Unexpected failure"}',
  ],
  ["what is no JSON", 500, "no JSON, whatever it says"],
  ["what is no object", 500, '"parse binary: text"'],
  ["another status", 501, '{"code":"internal","message":"parse binary: x"}'],
  [
    "what the service refused",
    400,
    '{"code":"invalid_argument","message":"Cannot create the agent"}',
  ],
  [
    "another type",
    500,
    '{"code":"internal","message":"parse binary: x"}',
    "application/grpc",
  ],
];

for (const [what, status, text, type] of LEFT_ALONE) {
  Deno.test(`blameCaller() leaves ${what} as it is`, async () => {
    deepStrictEqual(await answered(status, text, type), { status, text });
  });
}

Deno.test("blameCaller() takes an answer without a body", async () => {
  strictEqual((await blameCaller({ status: 500 })).status, 500);
});
