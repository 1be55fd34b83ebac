import assert from "node:assert/strict";
import { startOAuthServer } from "../servers/oauth_server.ts";
import { compare, step } from "./comparing.ts";
import { withoutKey } from "./keeping.ts";
import { levelled, openTwins, type Twin } from "./twins.ts";

const PAGE = /https?:\/\/\S+\/authorize\S+/;

/** Logs in on one of the two, and goes where it says. */
async function logIn(twin: Twin): Promise<string> {
  const login = twin.place.start(["mcp", "login", "tickets", "--no-browser"], {
    env: twin.env,
  });
  await login.said(PAGE);
  const back = await fetch(PAGE.exec(login.heard())?.[0] ?? "");
  await back.body?.cancel();
  const { code, stdout, stderr } = levelled(twin, await login.ended);
  assert.equal(code, 0, stderr);
  return withoutKey(`${stdout}${stderr.replace(PAGE, "<page>")}`);
}

Deno.test("who logs in to a tool server is logged in, on this machine and on a server", async () => {
  await using server = startOAuthServer();
  const manifest = "apiVersion: agentic.stigmer.ai/v1\nkind: McpServer\n" +
    `metadata: { name: tickets }\nspec: { http: { url: "${server.url}" } }\n`;
  await using twins = await openTwins({ files: { "tickets.yaml": manifest } });
  await compare(twins, [
    step("apply -f tickets.yaml"),
    step("mcp call tickets whoami", { code: 5, says: /mcp login tickets/ }),
  ]);
  const [here, there] = await Promise.all(
    [twins.local, twins.cloud].map(logIn),
  );
  assert.equal(there, here);
  assert.match(here ?? "", /^Logged in to "tickets" for read/);
  await compare(twins, [
    [
      step("mcp call tickets whoami", { says: /whoami is done/ }),
      step("mcp get tickets", { says: /^Login: +by local-user for read/m }),
    ],
    step("mcp trust tickets --yes"),
    step("mcp logout tickets", { says: /taken back/ }),
    step("mcp logout tickets"),
    step("mcp call tickets whoami", { code: 5 }),
  ]);
});
