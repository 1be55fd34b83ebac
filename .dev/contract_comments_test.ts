import { deepEqual, equal } from "node:assert/strict";
import { COMMENTS_PATH, commentsOf } from "./contract_comments.ts";
import { ROOT } from "./command.ts";

Deno.test("commentsOf() names each comment by what it stands on", () => {
  const field = { type: "string" };
  const file = "cups";
  deepEqual(
    commentsOf({
      types: [
        {
          kind: "message",
          name: "Cup",
          doc: "Cup holds\ntea.\n\nOr not.",
          fields: [
            { ...field, name: "maxSize", doc: "How much." },
            { ...field, name: "kind", doc: "" },
          ],
          file,
        },
        {
          kind: "enum",
          name: "Cup.Kind",
          doc: "",
          fields: [{ ...field, name: "TALL", doc: "High." }],
          file,
        },
      ],
      calls: [{
        name: "Pour",
        doc: "Pour fills\na cup.",
        request: "A",
        response: "B",
        isStream: false,
        isRead: false,
      }],
    }),
    {
      "Cup": "Cup holds tea.\n\nOr not.",
      "Cup.maxSize": "How much.",
      "Cup.Kind.TALL": "High.",
      "Pour": "Pour fills a cup.",
    },
  );
});

Deno.test("what is kept of the contract has its messages, fields and calls", async () => {
  const kept: Readonly<Record<string, string>> = JSON.parse(
    await Deno.readTextFile(ROOT + COMMENTS_PATH),
  );
  equal(
    kept["AgentSpec.mcpServers"],
    "The tool servers it may call; names are unique within the agent.",
  );
  for (const name of ["Agent", "Phase.RUNNING", "CreateAgent"]) {
    equal(typeof kept[name], "string", name);
  }
});
