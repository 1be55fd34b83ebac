/**
 * `stigmer event publish`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Publishes events. */
export const command: Command = defineCommand({
  summary: "Publish events for whoever listens",
  details: [
    'What an event leaves out is filled in: "id", "source", "time" and "specversion". One with a known id and source is the same event, and is kept once.',
    "A file holds one event, an array of them, one per line, or one per YAML document. All of them are checked before the first one is published.",
  ],
  arguments: {},
  options: {
    file: {
      kind: "value",
      short: "f",
      formerly: "--filename",
      placeholder: "FILE",
      summary: "Publish the events of a file, or of - for standard input",
      complete: "file",
    },
    type: {
      kind: "value",
      placeholder: "TYPE",
      summary: "Type of the event, as com.example.order.placed",
    },
    data: {
      kind: "value",
      placeholder: "JSON|@FILE|-",
      summary: "What it carries, as JSON where it parses, else as text",
    },
    source: {
      kind: "value",
      placeholder: "URI",
      summary: "Where it comes from",
    },
    subject: {
      kind: "value",
      placeholder: "TEXT",
      summary: "What it is about",
    },
    id: {
      kind: "value",
      placeholder: "ID",
      summary: "Its id, so that it can be published again without harm",
    },
    attribute: {
      kind: "list",
      placeholder: "KEY=VALUE",
      summary: "A further attribute",
    },
  },
  examples: [
    {
      does: "Say that an order was placed",
      line:
        "event publish --type com.example.order.placed --data '{\"id\": 7}'",
    },
    {
      does: "Publish the events of a file",
      line: "event publish -f events.yaml",
    },
  ],
  async run(context, { options }) {
    const { publishEvents } = await import("./publishing.ts");
    return await publishEvents(context, options);
  },
});
