/**
 * The bounds of workflow definitions.
 *
 * @module
 */

/** Tasks of a workflow, those inside others counted too. */
export const TASKS_MAX = 1000;
/** How deep lists of tasks stand in each other. */
export const TASK_DEPTH_MAX = 32;
