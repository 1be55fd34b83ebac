/**
 * The variables that a definition declares together with the applied tool
 * servers that it names.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type EnvDeclaration,
  EnvDeclarationSchema,
} from "../../gen/stigmer/backend/v1/metadata_pb.ts";
import type { TargetServer } from "./agent_servers.ts";

/** The variables that an agent declares, with those of its tool servers. */
export function withServerEnv(
  own: Readonly<Record<string, EnvDeclaration>>,
  servers: readonly TargetServer[],
): Readonly<Record<string, EnvDeclaration>> {
  if (servers.length === 0) return own;
  const all = new Map<string, EnvDeclaration>();
  for (const env of [...servers.map((it) => it.spec.env), own]) {
    for (const [name, it] of Object.entries(env)) {
      const before = all.get(name);
      all.set(name, before === undefined ? it : both(before, it));
    }
  }
  return Object.fromEntries(all);
}

/** What either says of a variable; where both do, the later one. */
function both(before: EnvDeclaration, later: EnvDeclaration): EnvDeclaration {
  const value = later.default ?? before.default;
  const secret = before.secret || later.secret;
  return create(EnvDeclarationSchema, {
    description: later.description || before.description,
    required: before.required || later.required,
    secret,
    ...(value === undefined || secret ? {} : { default: value }),
  });
}
