/**
 * Where an execution stands, and which moves are legal.
 *
 * @module
 */

/** Where an execution or one of its tasks stands. */
export type PhaseName =
  | "PENDING"
  | "RUNNING"
  | "WAITING"
  | "PAUSED"
  | "COMPLETED"
  | "FAILED"
  | "CANCELLED"
  | "SKIPPED";

const MOVES: Readonly<Record<PhaseName, readonly PhaseName[]>> = {
  PENDING: ["RUNNING", "PAUSED", "FAILED", "CANCELLED"],
  RUNNING: ["WAITING", "PAUSED", "COMPLETED", "FAILED", "CANCELLED"],
  WAITING: ["RUNNING", "PAUSED", "COMPLETED", "FAILED", "CANCELLED"],
  PAUSED: ["PENDING", "RUNNING", "WAITING", "FAILED", "CANCELLED"],
  COMPLETED: [],
  FAILED: [],
  CANCELLED: [],
  SKIPPED: [],
};

/** Says whether a phase never changes again. */
export function isTerminal(phase: PhaseName): boolean {
  return MOVES[phase].length === 0;
}

/** Says whether an execution may go from one phase to another. */
export function isLegalMove(from: PhaseName, to: PhaseName): boolean {
  return MOVES[from].includes(to);
}
