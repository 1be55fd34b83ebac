/**
 * The signal that carries a person's answer to a task, and how it is said that
 * one is waited for.
 *
 * @module
 */

const SIGNAL_PREFIX = "respond:";
const WAIT_PREFIX = "answer to ";
const APPROVAL_PREFIX = "approval of ";

/** Names the signal that answers one try of a task. */
export function answerSignal(path: string, attempt: number): string {
  return `${SIGNAL_PREFIX}${path}${attempt === 1 ? "" : `#${attempt}`}`;
}

/** The path of the task that a signal answers; empty where it answers none. */
export function answeredPath(name: string): string {
  if (!isAnswerSignal(name)) return "";
  return name.slice(SIGNAL_PREFIX.length).replace(/#\d+$/, "");
}

/** Says whether a signal is the answer to a task, which not everyone may send. */
export function isAnswerSignal(name: string): boolean {
  return name.startsWith(SIGNAL_PREFIX);
}

/** Says that the answer to a question is waited for. */
export function answerWait(question: string): string {
  return `${WAIT_PREFIX}"${question}"`;
}

/** Says that a person's approval of a call is waited for. */
export function approvalWait(call: string): string {
  return `${APPROVAL_PREFIX}${call}`;
}

/** Says whether what is waited for is the answer of a person. */
export function isAnswerWait(waitingFor: string): boolean {
  return waitingFor.startsWith(WAIT_PREFIX) || isApprovalWait(waitingFor);
}

/** Says whether what is waited for is a person's approval of a call. */
export function isApprovalWait(waitingFor: string): boolean {
  return waitingFor.startsWith(APPROVAL_PREFIX);
}
