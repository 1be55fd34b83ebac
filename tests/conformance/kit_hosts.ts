/**
 * Who answers the calls of the conformance kit.
 *
 * @module
 */

import { petstore } from "../servers/petstore.ts";
import type { Answer } from "../servers/world.ts";

/** The hosts that the kit's workflows call. */
export const KIT_HOSTS: Readonly<Record<string, Answer>> = {
  "petstore.swagger.io": petstore,
  "httpbin.org": (request, url) => {
    const [, name, user, password] = url.pathname.split("/");
    const wanted = `Basic ${btoa(`${user}:${password}`)}`;
    const given = request.headers.get("authorization");
    return name === "basic-auth" && given === wanted
      ? Response.json({ authenticated: true, user })
      : Response.json({ authenticated: false }, { status: 401 });
  },
};
