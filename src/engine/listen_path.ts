/**
 * The paths of events that a task took.
 *
 * @module
 */

const PART = "/event/";

/** The path of an event that a task took, counting from 0. */
export function eventPath(path: string, index: number): string {
  return `${path}${PART}${index}`;
}

/** The path of the task that took an event, from that of the event. */
export function listenPath(path: string): string {
  const at = path.lastIndexOf(PART);
  return at === -1 ? path : path.slice(0, at);
}
