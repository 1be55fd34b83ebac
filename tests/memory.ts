/**
 * Memory of a process of its own: what `deno test` holds is that of all tests
 * that run beside this one.
 *
 * @module
 */

/** Whether the memory of another process can be told here. */
export const canTellMemory: boolean = Deno.build.os === "linux";

/** Resident memory of a process, in MiB. */
export async function memoryMib(pid: number): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(text)?.[1]) / 1024;
}
