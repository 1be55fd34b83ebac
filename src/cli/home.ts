/**
 * Prepares the home folder.
 *
 * @module
 */

import type {
  GetBackendInfoResponse,
  VaultStatus,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { INFO_VIEW } from "./backend/info_view.ts";
import type { Ending } from "./command.ts";
import { type Context, openFor, refuseServer } from "./context.ts";
import { isJsonObject } from "../model/json.ts";
import {
  keyText,
  placeText,
  statusIn,
  VAULT_VIEW,
  warnOfKeys,
} from "./secrets/key.ts";
import { showOne, type View } from "./view.ts";

/** What `init` prepared. */
interface Prepared {
  readonly info: GetBackendInfoResponse;
  readonly vault: VaultStatus;
}

const PREPARED_VIEW: View<Prepared> = {
  columns: [],
  identify: ({ info }) => INFO_VIEW.identify(info),
  json: ({ info, vault }) => {
    const json = INFO_VIEW.json(info);
    return isJsonObject(json)
      ? { ...json, vault: VAULT_VIEW.json(vault) }
      : json;
  },
  describe: ({ info, vault }, nowMs) => [
    ...INFO_VIEW.describe(info, nowMs),
    ...VAULT_VIEW.describe(vault, nowMs),
  ],
};

const FILE_MODE = 0o600;
const FIRST_CONFIG =
  `# Configuration of Stigmer; "stigmer config list" shows every key.
`;

const NEXT = `Next:
  stigmer apply -f FILE       keep agents and workflows
  stigmer run FILE            run one without keeping it
  stigmer doctor              see which models can be reached`;

/** Prepares the home folder and says what to do next. */
export async function initHome(
  context: Context,
  options: { readonly keySource?: string | undefined },
): Promise<Ending> {
  const { host, io, settings } = context;
  const { keySource = "" } = options;
  await refuseServer(context, "prepare a home folder");
  const isNew = host.files.stat(settings.home) === undefined;
  await using backend = await openFor(context);
  const info = await backend.client.getBackendInfo(
    {},
    { signal: context.signal },
  );
  if (host.files.stat(settings.configPath) === undefined) {
    await host.files.writeAtomic(settings.configPath, FIRST_CONFIG, {
      mode: FILE_MODE,
    });
  }
  const answer = await backend.client.prepareVault(
    { source: keySource },
    { signal: context.signal },
  );
  const vault = statusIn(answer);
  if (io.format === "table" || io.format === "wide") {
    const word = isNew || answer.created ? "Prepared" : "Found";
    if (!io.quiet) io.data(`${word} "${settings.home}"`);
    if (vault.problem === "") io.note(keyText(vault, answer));
    if (vault.problem === "") io.note(NEXT);
  } else await showOne(context, PREPARED_VIEW, { info, vault });
  if (keySource !== "" && keySource !== vault.source) {
    io.warn(
      `The key stays in ${placeText(vault)}; make a new one there with: ` +
        `stigmer secrets rotate --source ${keySource}`,
    );
  }
  if (vault.problem !== "") {
    io.warn(vault.problem);
    for (const hint of vault.hints) io.note(`Hint: ${hint}`);
  }
  warnOfKeys(context, { backend, status: vault });
  return vault.problem === "" ? "ok" : "failed";
}
