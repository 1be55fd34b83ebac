/**
 * Opens secrets that were given, for what a person does and no execution.
 *
 * @module
 */

import type { Mask } from "../model/mask.ts";
import type { OpenableSecrets } from "../model/secrets.ts";
import { secretForm } from "../model/secret_text.ts";
import { importUnseen } from "../model/unseen.ts";
import { sealedOf } from "../store/sealed_values.ts";
import { insertAccesses } from "../store/secret_accesses.ts";
import { createMask } from "../vault/mask.ts";
import type { ServiceDeps } from "./deps.ts";
import { rememberMask } from "./redaction.ts";
import { readReference } from "./secret_places.ts";
import type { GivenSecret, GivenSecrets } from "./variables.ts";
import type { Vault } from "./vault.ts";

/** What secrets are opened for. */
export interface GivenSecretsOptions {
  readonly secrets: GivenSecrets;
  /** What is done with them, for the audit: `mcp/tickets`. */
  readonly path: string;
}

/** What can be opened, and what hides all that was. */
export interface OpenableGiven {
  readonly secrets: OpenableSecrets;
  readonly mask: Mask;
}

/** One that was opened, and where it came from. */
interface Opened {
  readonly text: string;
  readonly origin: string;
}

/** Makes what opens given secrets: each when it is asked for, and noted. */
export function openableGiven(
  deps: ServiceDeps,
  { secrets, path }: GivenSecretsOptions,
): OpenableGiven {
  const mask = rememberMask(createMask({}));
  return {
    mask,
    secrets: {
      names: Object.keys(secrets),
      async open(names) {
        const opened = new Map<string, Opened>();
        for (const name of names) {
          const given = Object.hasOwn(secrets, name)
            ? secrets[name]
            : undefined;
          if (given === undefined) continue;
          const one = await openOne(deps, name, given);
          if (one === undefined) continue;
          mask.add(one.text);
          opened.set(name, one);
        }
        note(deps, path, opened);
        return Object.fromEntries(
          [...opened].map(([name, { text }]) => [name, text]),
        );
      },
      hide: mask.text,
    },
  };
}

async function openOne(
  deps: ServiceDeps,
  name: string,
  given: GivenSecret,
): Promise<Opened | undefined> {
  switch (given.kind) {
    case "reference": {
      const { reference } = given;
      const text = await readReference(deps.host, name, reference);
      return { text, origin: reference.origin };
    }
    case "plain": {
      const { text } = given;
      if (secretForm(text) !== "sealed") return { text, origin: "" };
      const vault = await loadVault(deps);
      return { text: await vault.openSealedText(text, { name }), origin: "" };
    }
    case "sealed": {
      const rows = sealedOf(deps.store.database, given.ownerId, [name]);
      const vault = await loadVault(deps);
      const text = (await vault.openSealed(rows)).get(name);
      return text === undefined ? undefined : { text, origin: given.ownerId };
    }
  }
}

async function loadVault(deps: ServiceDeps): Promise<Vault> {
  const { vaultOf } = await importUnseen<typeof import("./vault.ts")>(
    "./vault.ts",
    import.meta.url,
  );
  return vaultOf(deps);
}

function note(
  { store, host, identity }: ServiceDeps,
  path: string,
  opened: ReadonlyMap<string, Opened>,
): void {
  const timeMs = host.clock.now();
  const about = { executionId: "", path, identity, timeMs };
  insertAccesses(
    store.database,
    // What somebody types in is known to them.
    [...opened].flatMap(([name, { origin }]) =>
      origin === "" ? [] : [{ ...about, purpose: "use", name, origin }]
    ),
  );
}
