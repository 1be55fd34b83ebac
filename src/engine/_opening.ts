/**
 * Opens what an effect needs just before it, and hides it in what comes of it.
 *
 * @module
 */

import type {
  ActivityDelta,
  ActivityOutcome,
  ActivityRequest,
  Machine,
} from "../model/durable.ts";
import { failureOf } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import type { Mask, MaskedPieces } from "../model/mask.ts";
import type {
  Authorization,
  OpenableSecrets,
  Secrets,
} from "../model/secrets.ts";
import { failureOfThrown } from "./_thrown.ts";
import { Fault } from "./_walk.ts";
import type { CreateMask, RunSecrets } from "./ports.ts";

/** Masks of runs of which the earlier effects are hidden. */
const KNOWING: WeakSet<Mask> = new WeakSet();

/** What an effect is given once its secrets are open. */
export interface Opened {
  readonly input: Json;
  /** What its activity may open by itself. */
  readonly secrets?: OpenableSecrets;
  readonly authorized?: (authorization: Authorization) => Json;
  /** Passes live output on without what is secret. */
  readonly emit: (delta: ActivityDelta) => void;
  /** Runs the effect, and hides what is secret in how it ends. */
  readonly around: (
    effect: () => Promise<ActivityOutcome>,
  ) => Promise<ActivityOutcome>;
}

/** What an effect is opened with. */
export interface OpeningOptions {
  readonly path: string;
  readonly name: string;
  /** Those of the run; absent where it has none. */
  readonly secrets: RunSecrets | undefined;
  readonly createMask: CreateMask;
  /** What was given secrets since this was asked; see `Machine`. */
  readonly given?: NonNullable<Machine["given"]>;
  readonly emit: (delta: ActivityDelta) => void;
}

/**
 * Opens secrets and makes the input of an effect. What comes of it is rid of
 * all that the run may open, whether this effect was given it or not: what one
 * was given another may be told.
 *
 * @throws {Fault} When one is missing, or an expression fails.
 */
export async function openInput(
  request: Pick<ActivityRequest, "input" | "reveal">,
  options: OpeningOptions,
): Promise<Opened> {
  const { reveal } = request;
  const own = await open(reveal?.names ?? [], options);
  const mask = await (options.secrets?.mask() ?? options.createMask({}));
  const make = (authorization?: Authorization): Json =>
    reveal === undefined
      ? request.input
      : masking(mask, () =>
        reveal.input(own, {
          hide: mask.addComputed,
          ...(authorization === undefined ? {} : { authorization }),
        }));
  await hideGiven(mask, options);
  const live = maskedDeltas(mask, options.emit);
  return {
    input: make(),
    emit: live.emit,
    ...openable(mask, options),
    around: async (effect) => {
      // What was ended may have been in the middle of a secret.
      let isCut = true;
      try {
        const outcome = await effect();
        isCut = outcome.kind === "failed";
        return mask.outcome(outcome);
      } catch (error) {
        throw new Fault(mask.failure(failureOfThrown(error)));
      } finally {
        live.flush({ isCut });
      }
    },
    ...(reveal?.authorization === true
      ? {
        authorized: (authorization: Authorization): Json => {
          mask.add(authorization.parameter);
          return make(authorization);
        },
      }
      : {}),
  };
}

/**
 * Hides what effects were given before the run came to this process. Since
 * then each adds its own.
 */
async function hideGiven(
  mask: Mask,
  { secrets, given }: OpeningOptions,
): Promise<void> {
  const earlier = given?.() ?? [];
  if (secrets === undefined || KNOWING.has(mask)) return;
  KNOWING.add(mask);
  for (const { names, input } of earlier) {
    try {
      const own = await secrets.open(names, { path: "", isForMask: true });
      input(own, { hide: mask.addComputed });
    } catch {
      // What fails with them was given to nobody, nor what cannot be opened.
    }
  }
}

/** What an activity resolves by itself, it asks for by name. */
function openable(
  mask: Mask,
  { secrets, path }: OpeningOptions,
): Pick<Opened, "secrets"> {
  if (secrets === undefined) return {};
  return {
    secrets: {
      names: secrets.names,
      open: (names) => secrets.open(names, { path, asText: true }),
      hide: (text) => mask.text(text),
    },
  };
}

async function open(
  names: readonly string[],
  { secrets, path, name }: OpeningOptions,
): Promise<Secrets> {
  if (names.length === 0) return {};
  if (secrets !== undefined) return await secrets.open(names, { path });
  throw new Fault(failureOf(
    "configuration",
    `Cannot run task "${name}": nothing here opens secrets`,
  ));
}

/** The message of an error may have the value in it that it is about. */
function masking(mask: Mask, make: () => Json): Json {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault(mask.failure(error.failure));
  }
}

interface MaskedStream {
  readonly type: ActivityDelta["type"];
  readonly pieces: MaskedPieces;
}

function maskedDeltas(
  mask: Mask,
  emit: (delta: ActivityDelta) => void,
): {
  readonly emit: (delta: ActivityDelta) => void;
  readonly flush: (options: { readonly isCut: boolean }) => void;
} {
  const streams = new Map<string, MaskedStream>();
  const pass = (type: ActivityDelta["type"], text: string): void => {
    if (text !== "") emit({ type, text });
  };
  return {
    emit: ({ type, text, stream = "" }) => {
      const key = `${type} ${stream}`;
      const { pieces } = streams.get(key) ?? { pieces: mask.pieces() };
      streams.set(key, { type, pieces });
      pass(type, pieces.push(text));
    },
    flush: (options) => {
      for (const { type, pieces } of streams.values()) {
        pass(type, pieces.flush(options));
      }
    },
  };
}
