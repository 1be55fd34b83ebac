import { rejects } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { openBackend } from "./open.ts";

Deno.test("a socket as endpoint is refused on Windows, with the way out", async () => {
  const cloud = { endpoint: "unix:/run/stigmer/api.sock" };
  await rejects(openBackend({ cloud, host: fakeHost({ os: "windows" }) }), {
    code: "INVALID_ARGUMENT",
    message: 'Cannot reach "unix:/run/stigmer/api.sock" from Windows',
    hints: [
      "Have the server listen on an address as well: --listen 127.0.0.1:7234",
    ],
  });
  for (const os of ["linux", "darwin"] as const) {
    await (await openBackend({ cloud, host: fakeHost({ os }) })).close();
  }
});
