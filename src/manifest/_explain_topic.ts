/**
 * A thing that can be explained, wherever its words come from.
 *
 * @module
 */

/** A message, a field, or a part of a schema. */
export interface Topic {
  /** What two topics of the same structure share; empty when it has none. */
  readonly id: string;
  /** As `string`, `[]McpServer` or `map[string]integer`. */
  readonly type: string;
  readonly description: string;
  fields(): readonly TopicField[];
  /** Where it is one of several kinds, as a task: those, each with its fields. */
  kinds(): readonly TopicField[];
  /** What it may be, where that is one of some words. */
  values(): readonly ExplainedValue[];
}

/** A field of a topic, read when it is wanted. */
export interface TopicField {
  readonly name: string;
  readonly required: boolean;
  topic(): Topic;
}

/** One of some words that a field may be. */
export interface ExplainedValue {
  readonly name: string;
  readonly description: string;
}
