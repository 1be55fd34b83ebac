/**
 * Calls that write wait while another process has the lock of the database,
 * without holding up what goes on beside them: the driver itself would wait
 * with all of this process.
 *
 * @module
 */

import type { DescMethod, Message } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Level } from "@bufbuild/protobuf/wkt";
import {
  createServiceImplSpec,
  type HandlerContext,
} from "@connectrpc/connect";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Host } from "../host/host.ts";
import type { Database } from "../store/driver.ts";
import { isLocked } from "../store/probe.ts";
import type { Service } from "./service.ts";

/** How often the lock is looked at while another process has it. */
const LOOK_MS = 20;
/** How long it is waited for; then the call fails as it does elsewhere. */
const WAIT_MS_MAX = 12_000;

/** Waits until nobody else writes, or has for too long. */
export type UntilUnlocked = () => Promise<void>;

/** Makes what waits for the lock of a database; all wait together. */
export function untilUnlocked(
  { clock }: Pick<Host, "clock">,
  database: Database,
): UntilUnlocked {
  let waiting: Promise<void> | undefined;
  async function wait(): Promise<void> {
    const endMs = clock.monotonic() + WAIT_MS_MAX;
    do await clock.sleep(LOOK_MS); while (
      isLocked(database) && clock.monotonic() < endMs
    );
  }
  return async () => {
    if (waiting === undefined && !isLocked(database)) return;
    await (waiting ??= wait().finally(() => void (waiting = undefined)));
  };
}

/** A service whose calls wait before they write. */
export function patientService(
  service: Service,
  unlocked: UntilUnlocked,
): Service {
  const { methods } = createServiceImplSpec<typeof BackendService>(
    BackendService,
    service,
  );
  const patient = BackendService.methods.flatMap((method) => {
    const spec = methods[method.localName];
    if (spec?.kind !== "unary" || !writes(method)) return [];
    const call = async (request: Message, context: HandlerContext) => {
      await unlocked();
      // Who left meanwhile wants it no more.
      context.signal.throwIfAborted();
      return await spec.impl(request, context);
    };
    return [[method.localName, call] as const];
  });
  return { ...service, ...Object.fromEntries(patient) };
}

function writes({ idempotency }: DescMethod): boolean {
  return idempotency !== Level.NO_SIDE_EFFECTS;
}
