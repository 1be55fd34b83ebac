/**
 * A process that writes resources through the service for as long as it
 * lives, and says the name of each once it is stored.
 *
 * @module
 */

import "../../standard_driver.ts";
import { openHome } from "../backends.ts";

const [home = "", prefix = "", count = "1000000"] = Deno.args;
await using backend = await openHome(home);
for (let i = 0; i < Number(count); i++) {
  const name = `${prefix}-${i}`;
  await backend.client.createEnvironment({
    environment: {
      metadata: { name, labels: { writer: prefix } },
      spec: { variables: { NUMBER: String(i), FILL: "x".repeat(i % 5000) } },
    },
  });
  console.log(name);
}
