/**
 * Calls a tool of a server that writes 100 MB to its stderr, and prints how
 * many MiB of memory that took, and what the tool answered.
 *
 * @module
 */

import { memoryMib } from "../memory.ts";
import { setUp } from "./stdio_scene.ts";

await using calm = await setUp("good");
await calm.call("echo", "x");
const beforeMib = await memoryMib(Deno.pid);
await using setup = await setUp("flood");
const answer = await setup.call("echo", "x", 60_000);
const grownMib = await memoryMib(Deno.pid) - beforeMib;
console.log(JSON.stringify({ answer, grownMib }));
