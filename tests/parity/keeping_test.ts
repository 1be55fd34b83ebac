import { compare } from "./comparing.ts";
import { FILES } from "./definitions.ts";
import { KEEPING } from "./keeping.ts";
import { openTwins } from "./twins.ts";

Deno.test("secrets, tokens and whole backends are kept alike on this machine and on a server", async () => {
  await using twins = await openTwins({ files: FILES });
  // The server has the token that it is called with.
  await twins.local.place.run(["token", "create", "parity", "--role", "admin"]);
  await compare(twins, KEEPING);
});
