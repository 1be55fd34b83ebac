import { deepStrictEqual, match, ok, throws } from "node:assert/strict";
import { BackendService } from "../gen/stigmer/backend/v1/backend_pb.ts";
import { apiReference } from "./api_docs.ts";
import { contractOf } from "./contract.ts";
import type { ImageFile } from "./contract_image.ts";

const FILE: ImageFile = {
  name: "stigmer/backend/v1/backend.proto",
  service: [{
    method: [{
      name: "GetAgent",
      inputType: ".stigmer.backend.v1.GetAgentRequest",
      outputType: ".stigmer.backend.v1.GetAgentResponse",
      options: { idempotencyLevel: "NO_SIDE_EFFECTS" },
    }],
  }],
  messageType: [
    {
      name: "GetAgentRequest",
      field: [{
        name: "name",
        jsonName: "name",
        type: "TYPE_STRING",
        label: "LABEL_OPTIONAL",
      }],
    },
    {
      name: "GetAgentResponse",
      oneofDecl: [{ name: "found" }, { name: "_size" }],
      nestedType: [{
        name: "ByNameEntry",
        options: { mapEntry: true },
        field: [
          {
            name: "key",
            jsonName: "key",
            type: "TYPE_STRING",
            label: "LABEL_OPTIONAL",
          },
          {
            name: "value",
            jsonName: "value",
            type: "TYPE_MESSAGE",
            typeName: ".stigmer.backend.v1.Agent",
            label: "LABEL_OPTIONAL",
          },
        ],
      }],
      field: [
        {
          name: "by_name",
          jsonName: "byName",
          type: "TYPE_MESSAGE",
          typeName: ".stigmer.backend.v1.GetAgentResponse.ByNameEntry",
          label: "LABEL_REPEATED",
        },
        {
          name: "agent",
          jsonName: "agent",
          type: "TYPE_MESSAGE",
          typeName: ".stigmer.backend.v1.Agent",
          label: "LABEL_OPTIONAL",
          oneofIndex: 0,
        },
        {
          name: "size",
          jsonName: "size",
          type: "TYPE_INT32",
          label: "LABEL_OPTIONAL",
          oneofIndex: 1,
          proto3Optional: true,
        },
        {
          name: "times",
          jsonName: "times",
          type: "TYPE_MESSAGE",
          typeName: ".google.protobuf.Timestamp",
          label: "LABEL_REPEATED",
        },
      ],
    },
    { name: "Agent" },
  ],
  enumType: [{ name: "Phase", value: [{ name: "DONE" }] }],
  sourceCodeInfo: {
    location: [
      { path: [6, 0], leadingComments: " The whole.\n" },
      {
        path: [6, 0, 2, 0],
        leadingComments: " GetAgent returns\n one | agent. Or none.\n",
      },
      { path: [4, 0, 2, 0], leadingComments: " Of it.\n" },
      { path: [5, 0, 2, 0], leadingComments: " It ended.\n" },
    ],
  },
};

Deno.test("contractOf() gives calls, types and their comments", () => {
  const { doc, calls, types } = contractOf([FILE]);
  deepStrictEqual(doc, "The whole.");
  deepStrictEqual(calls, [{
    name: "GetAgent",
    doc: "GetAgent returns\none | agent. Or none.",
    request: "GetAgentRequest",
    response: "GetAgentResponse",
    isStream: false,
    isRead: true,
  }]);
  deepStrictEqual(
    types.map((it) => it.name),
    ["GetAgentRequest", "GetAgentResponse", "Agent", "Phase"],
  );
  deepStrictEqual(
    types[1]?.fields.map((
      { name, type, refersTo, oneOf },
    ) => [name, type, refersTo, oneOf]),
    [
      ["byName", "map of string to Agent", "Agent", undefined],
      ["agent", "Agent", "Agent", "found"],
      ["size", "int32", undefined, undefined],
      ["times", "list of google.protobuf.Timestamp", undefined, undefined],
    ],
  );
  throws(() => contractOf([]), /no service/);
});

Deno.test("apiReference() shows each call with its role, and each type once", () => {
  const page = apiReference(contractOf([FILE]));
  match(
    page,
    /^\| \[GetAgent\]\(#getagent\) \| viewer \| returns one \\\| agent\. \|$/m,
  );
  match(
    page,
    /^### GetAgent\n\nGetAgent returns\none \| agent\. Or none\.\n\nRole: viewer\. Changes nothing\.$/m,
  );
  match(page, /^\| `name` \| string \| Of it\. \|$/m);
  match(page, /^\| `byName` \| map of string to \[Agent\]\(#agent\) \|/m);
  match(page, /^\| `agent` \| \[Agent\]\(#agent\), one of found \|/m);
  match(
    page,
    /^### Phase\n\n\n\n\| Value \| Meaning \|\n.*\n\| `DONE` \| It ended\. \|$/m,
  );
  ok(!page.includes("### GetAgentRequest"));
});

Deno.test("docs/api.md has every call of the service", async () => {
  const page = await Deno.readTextFile(
    new URL("../docs/api.md", import.meta.url),
  );
  for (const { name } of BackendService.methods) {
    match(page, new RegExp(`^### ${name}$`, "m"));
  }
});
