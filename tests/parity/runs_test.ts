import { compare } from "./comparing.ts";
import { RUN_FILES, RUNS } from "./runs.ts";
import { openTwins } from "./twins.ts";

Deno.test("what runs is followed and steered alike on this machine and on a server", async () => {
  await using twins = await openTwins({ files: RUN_FILES, workers: true });
  await compare(twins, RUNS);
});
