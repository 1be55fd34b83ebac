/**
 * The signal that carries a person's answer to a task.
 *
 * @module
 */

const PREFIX = "respond:";

/** Names the signal that answers one try of a task. */
export function answerSignal(path: string, attempt: number): string {
  return `${PREFIX}${path}${attempt === 1 ? "" : `#${attempt}`}`;
}

/** Says whether a signal is the answer to a task, which not everyone may send. */
export function isAnswerSignal(name: string): boolean {
  return name.startsWith(PREFIX);
}
