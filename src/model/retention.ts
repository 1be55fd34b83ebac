/**
 * How long things are kept.
 *
 * @module
 */

/** What is absent is kept for good. */
export interface RetentionRule {
  /** Ended executions with all that belongs to them, after their end. */
  readonly executionsMs?: number;
  /** Journals of ended executions, whose result stays. */
  readonly journalsMs?: number;
  /** Artifacts of ended executions. */
  readonly artifactsMs?: number;
  /** How many versions of a resource. */
  readonly versions?: number;
  /** Events that were published. */
  readonly eventsMs?: number;
  /** Who opened which secret, and the audit. */
  readonly auditMs?: number;
}

/** The longest time that may be set: a hundred years. */
export const RETENTION_MS_MAX: number = 100 * 365 * 86_400_000;
/** The shortest: what is younger is in use. */
export const RETENTION_MS_MIN = 1000;
/** Versions that may be set at the most. */
export const RETENTION_VERSIONS_MAX = 1_000_000;
