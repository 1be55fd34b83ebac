import { deepEqual } from "node:assert/strict";
import { commentsOf } from "./contract_comments.ts";

const FILE = {
  package: "stigmer.backend.v1",
  messageType: [{
    name: "Cup",
    field: [{ name: "size" }, { name: "kind" }],
    nestedType: [{ name: "Lid", field: [{ name: "colour" }] }],
    enumType: [{ name: "Kind", value: [{ name: "TALL" }] }],
  }],
  enumType: [{ name: "Taste", value: [{ name: "SWEET" }] }],
  service: [{ name: "Bar", method: [{ name: "Pour" }] }],
  sourceCodeInfo: {
    location: [
      { path: [4, 0], leadingComments: " Cup holds\n tea.\n\n Or not.\n" },
      { path: [4, 0, 2, 0], leadingComments: " How much." },
      { path: [4, 0, 3, 0, 2, 0], leadingComments: " Of the lid." },
      { path: [4, 0, 4, 0, 2, 0], leadingComments: " High." },
      { path: [5, 0], leadingComments: " Taste is one." },
      { path: [5, 0, 2, 0], leadingComments: " With sugar." },
      { path: [6, 0, 2, 0], leadingComments: " Fills a cup." },
      { path: [12] },
    ],
  },
};

Deno.test("commentsOf() names each comment by what it stands on", () => {
  deepEqual(commentsOf([FILE]), {
    "Cup": "Cup holds tea.\n\nOr not.",
    "Cup.size": "How much.",
    "Cup.Lid.colour": "Of the lid.",
    "Cup.Kind.TALL": "High.",
    "Taste": "Taste is one.",
    "Taste.SWEET": "With sugar.",
    "Bar.Pour": "Fills a cup.",
  });
});

Deno.test("commentsOf() leaves out what is not ours", () => {
  deepEqual(commentsOf([{ ...FILE, package: "google.protobuf" }]), {});
});
