/**
 * The bounds of workflow definitions.
 *
 * @module
 */

/** Tasks of a workflow, those inside others counted too. */
export const TASKS_MAX = 10_000;
/** The longest time that can be waited for: 100 years. */
export const DURATION_MS_MAX: number = 100 * 365.25 * 86_400_000;
/** How deep lists of tasks stand in each other. */
export const TASK_DEPTH_MAX = 32;
