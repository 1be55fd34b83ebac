import { deepStrictEqual as equal, throws } from "node:assert/strict";
import {
  create,
  type DescMessage,
  fromBinary,
  fromJson,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import {
  create as createWhole,
  createFileRegistry,
  type DescFile,
  fromBinary as fromBinaryWhole,
  fromJson as fromJsonWhole,
  type Message,
  toBinary as toBinaryWhole,
  toJson as toJsonWhole,
} from "npm:@bufbuild/protobuf@2.17.0";
import { FileDescriptorSetSchema } from "npm:@bufbuild/protobuf@2.17.0/wkt";
import { AgentSchema } from "../gen/stigmer/backend/v1/agent_pb.ts";
import { ResourceSchema } from "../gen/stigmer/backend/v1/backend_pb.ts";
import { EnvironmentSchema } from "../gen/stigmer/backend/v1/environment_pb.ts";
import { withLateCompilers } from "./late_compilers.ts";

/** Messages inside of messages, as one of several, in lists and in maps. */
const RESOURCES = [
  {
    agent: {
      apiVersion: "agentic.stigmer.ai/v1",
      kind: "Agent",
      metadata: { name: "a", labels: { team: "é" }, tags: ["x", "y"] },
      spec: {
        description: "d",
        instructions: "Answer",
        mcpServerUsages: [{
          mcpServerRef: { slug: "s" },
          enabledTools: ["t"],
        }],
        envSpec: { data: { KEY: { isSecret: true, description: "k" } } },
      },
    },
  },
  {
    workflow: {
      metadata: { name: "w", annotations: { a: "1", b: "2" } },
      spec: { tasks: [{ name: "t", taskConfig: { set: { a: [1, null] } } }] },
    },
  },
  {},
];

// The first of them, as the next ones have all of this compiled.
Deno.test("what is in no message is neither compiled nor read", () => {
  const environment = { metadata: { name: "e" } };
  equal(
    readsOf(AgentSchema, () => {
      const message = create(ResourceSchema, {
        resource: {
          case: "environment",
          value: create(EnvironmentSchema, environment),
        },
      });
      const bytes = toBinary(ResourceSchema, message);
      equal(fromBinary(ResourceSchema, bytes), message);
      equal(toJson(ResourceSchema, message), { environment });
      equal(fromJson(ResourceSchema, { environment }), message);
    }),
    0,
  );
  equal(readsOf(AgentSchema, () => void create(AgentSchema)) > 0, true);
});

Deno.test("a resource is read and written as the runtime does by itself", () => {
  const whole = createFileRegistry(createWhole(FileDescriptorSetSchema, {
    file: withImports([ResourceSchema.file]).map((it) => it.proto),
  })).getMessage(ResourceSchema.typeName);
  if (whole === undefined) throw new Error("The registry lacks a message");
  const options = { ignoreUnknownFields: true };
  for (const json of RESOURCES) {
    const message = fromJson(ResourceSchema, json, options);
    const expected: Message = fromJsonWhole(whole, json, options);
    equal(message, expected);
    equal(toJson(ResourceSchema, message), toJsonWhole(whole, expected));
    const bytes = toBinary(ResourceSchema, message);
    equal(bytes, toBinaryWhole(whole, expected));
    equal(fromBinary(ResourceSchema, bytes), fromBinaryWhole(whole, bytes));
  }
});

Deno.test("withLateCompilers() refuses a runtime that is another one", () => {
  throws(() => withLateCompilers("export {};\n"), /Not in the runtime 1 times/);
});

/** How often the parts of a message are asked for meanwhile. */
function readsOf(desc: DescMessage, work: () => void): number {
  let reads = 0;
  for (const name of ["fields", "members"] as const) {
    Object.defineProperty(desc, name, {
      configurable: true,
      get() {
        reads++;
        return Reflect.get(Object.getPrototypeOf(desc), name, desc);
      },
    });
  }
  try {
    work();
  } finally {
    for (const name of ["fields", "members"]) {
      Reflect.deleteProperty(desc, name);
    }
  }
  return reads;
}

/** Files with all that they import, the imported first. */
function withImports(files: readonly DescFile[]): readonly DescFile[] {
  const all = new Set<DescFile>();
  for (const file of files) {
    for (const it of withImports(file.dependencies)) all.add(it);
    all.add(file);
  }
  return [...all];
}
