/**
 * Finds out which functions run at each start and writes them down, so that
 * the next bundle has the engine compile them with their modules:
 * `deno task eager`.
 *
 * @module
 */

import { BUDGETS, layWork, loadedBy } from "./budget.ts";
import { writeEagerList } from "./eager_list.ts";
import { keysOfRan } from "./program_ran.ts";

if (import.meta.main) {
  const keys = new Set<string>();
  await using laid = await layWork();
  const { work, program, entry } = laid;
  for (const { name, args } of BUDGETS) {
    const start = () =>
      loadedBy(program + entry, {
        args,
        root: program,
        work,
        config: `${program}deno.json`,
      });
    // What only the first one does, as making a home, is not what all do.
    await start();
    const { ran } = await start();
    const found = await keysOfRan(program, ran);
    console.log(`${name}: ${found.length} functions`);
    for (const key of found) keys.add(key);
  }
  await writeEagerList(keys);
  console.log(`Wrote ${keys.size} functions`);
}
