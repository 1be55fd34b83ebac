/**
 * An agent that writes files, which it asks for, and one that has it write.
 *
 * @module
 */

/** How the question ends that a person is asked at a terminal. */
export const QUESTION = "(d) leave it waiting ";

/** The agent; its script is `scribe.script.yaml`. */
export const SCRIBE = `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: scribe }
spec:
  description: Writes things down
  instructions: Write down what you are told.
  model: { name: "script:scribe.script.yaml" }
  workspace: {}
`;

/** The one above it; its script is `boss.script.yaml`. */
export const BOSS = `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: boss }
spec:
  instructions: Have others do it.
  model: { name: "script:boss.script.yaml" }
  subAgents: [{ agent: scribe }]
`;
