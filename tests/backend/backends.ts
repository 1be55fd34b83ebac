/**
 * The backends that the suite runs against, one line each.
 *
 * @module
 */

import { createClient, createRouterTransport } from "@connectrpc/connect";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { errorInterceptor } from "../../src/backend/errors.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { resourceService } from "../../src/backend/resources.ts";
import { systemHost } from "../../src/host/system.ts";
import { openStore } from "../../src/store/open.ts";

/** A backend that answers a suite. */
export interface OpenedBackend extends AsyncDisposable {
  readonly client: BackendClient;
}

/** Opens the backend that keeps everything in a home folder. */
export type OpenHome = (home: string) => Promise<OpenedBackend>;

/** Every backend by its name; each must answer the same. */
export const BACKENDS: Readonly<Record<string, OpenHome>> = {
  local: openHome,
};

/** Opens the local backend of a home folder. */
export function openHome(home: string): Promise<OpenedBackend> {
  const host = systemHost();
  const store = openStore(`${home}/stigmer.db`, { host });
  const transport = createRouterTransport(({ service }) => {
    service(
      BackendService,
      resourceService({ store, host, identity: "local-user" }),
    );
  }, { router: { interceptors: [errorInterceptor] } });
  return Promise.resolve({
    client: createClient(BackendService, transport),
    [Symbol.asyncDispose]: () => Promise.resolve(store.close()),
  });
}
