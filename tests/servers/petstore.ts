/**
 * A shop for pets, as the specification's examples and its kit ask it.
 *
 * @module
 */

import type { Answer } from "./world.ts";

/** The pets that there are. */
const PETS: readonly Readonly<Record<string, unknown>>[] = [
  { id: 1, name: "Rex", status: "available" },
  { id: 2, name: "Milou", status: "sold" },
  { id: 69, name: "Pongo", status: "available" },
];

/** Answers as the shop at a host. */
export const petstore: Answer = async (request, url) => {
  const path = url.pathname.replace(/^\/v2/, "");
  if (path === "/swagger.json") return Response.json(description(url));
  if (path === "/pet/findByStatus") {
    const status = url.searchParams.get("status");
    return Response.json(PETS.filter((it) => it.status === status));
  }
  const id = /^\/pet\/(\d+)$/.exec(path)?.[1];
  const pet = PETS.find((it) => `${it.id}` === id);
  if (pet === undefined) {
    return Response.json({ message: "Pet not found" }, { status: 404 });
  }
  if (request.method === "PUT") {
    return Response.json({ ...pet, ...await request.json() });
  }
  return Response.json(pet);
};

/** What the shop says of itself, in OpenAPI 2.0. */
function description(url: URL): unknown {
  const json = { produces: ["application/json"] };
  const ok = { responses: { 200: { description: "Found" } } };
  return {
    swagger: "2.0",
    info: { title: "Petstore", version: "1.0.0" },
    host: url.host,
    basePath: "/v2",
    schemes: [url.protocol.slice(0, -1)],
    paths: {
      "/pet/findByStatus": {
        get: {
          operationId: "findPetsByStatus",
          ...json,
          parameters: [{
            name: "status",
            in: "query",
            required: true,
            type: "array",
            items: { type: "string" },
            collectionFormat: "multi",
          }],
          ...ok,
        },
      },
      "/pet/{petId}": {
        get: {
          operationId: "getPetById",
          ...json,
          parameters: [{
            name: "petId",
            in: "path",
            required: true,
            type: "integer",
          }],
          ...ok,
        },
      },
    },
  };
}
