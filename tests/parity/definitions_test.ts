import { compare } from "./comparing.ts";
import { DEFINITIONS, FILES } from "./definitions.ts";
import { openTwins } from "./twins.ts";

Deno.test("agents and workflows are defined alike on this machine and on a server", async () => {
  await using twins = await openTwins({ files: FILES });
  await compare(twins, DEFINITIONS);
});
