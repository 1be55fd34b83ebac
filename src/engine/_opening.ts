/**
 * Opens what an effect needs just before it, and hides it in what comes of it.
 *
 * @module
 */

import type {
  ActivityDelta,
  ActivityOutcome,
  ActivityRequest,
  Authorization,
  Secrets,
} from "../model/durable.ts";
import { type Failure, failureOf } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import type { Mask, MaskedPieces } from "../model/mask.ts";
import { failureOfThrown } from "./_thrown.ts";
import { Fault } from "./_walk.ts";
import type { CreateMask, OpenSecrets } from "./ports.ts";

/** What an effect is given once its secrets are open. */
export interface Opened {
  readonly input: Json;
  readonly authorized?: (authorization: Authorization) => Json;
  /** Passes live output on without what is secret. */
  readonly emit: (delta: ActivityDelta) => void;
  /** Runs the effect, and hides what is secret in how it ends. */
  readonly around: (
    effect: () => Promise<ActivityOutcome>,
  ) => Promise<ActivityOutcome>;
}

/** A request whose input is made just before the effect. */
export type Reveal = NonNullable<ActivityRequest["reveal"]>;

/**
 * Opens secrets and makes the input of an effect.
 *
 * @throws {Fault} When one is missing, or an expression fails.
 */
export async function openInput(
  reveal: Reveal,
  options: {
    readonly executionId: string;
    readonly name: string;
    readonly openSecrets: OpenSecrets | undefined;
    readonly createMask: CreateMask;
    readonly emit: (delta: ActivityDelta) => void;
  },
): Promise<Opened> {
  const secrets = await open(reveal, options);
  const mask = options.createMask(secrets);
  const make = (authorization?: Authorization): Json =>
    masking(mask, () => reveal.input(secrets, authorization));
  const live = maskedDeltas(mask, options.emit);
  return {
    input: make(),
    emit: live.emit,
    around: async (effect) => {
      try {
        return mask.outcome(await effect());
      } catch (error) {
        throw new Fault(masked(mask, failureOfThrown(error)));
      } finally {
        live.flush();
      }
    },
    ...(reveal.authorization
      ? {
        authorized: (authorization: Authorization): Json => {
          mask.add(authorization.parameter);
          return make(authorization);
        },
      }
      : {}),
  };
}

async function open(
  reveal: Reveal,
  options: {
    readonly executionId: string;
    readonly name: string;
    readonly openSecrets: OpenSecrets | undefined;
  },
): Promise<Secrets> {
  if (reveal.names.length === 0) return {};
  if (options.openSecrets === undefined) {
    throw new Fault(failureOf(
      "configuration",
      `Cannot run task "${options.name}": nothing here opens secrets`,
    ));
  }
  return await options.openSecrets(options.executionId, reveal.names);
}

/** The message of an error may have the value in it that it is about. */
function masking(mask: Mask, make: () => Json): Json {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault(masked(mask, error.failure));
  }
}

function masked(mask: Mask, failure: Failure): Failure {
  return { ...failure, detail: mask.text(failure.detail) };
}

function maskedDeltas(
  mask: Mask,
  emit: (delta: ActivityDelta) => void,
): {
  readonly emit: (delta: ActivityDelta) => void;
  readonly flush: () => void;
} {
  const streams = new Map<ActivityDelta["type"], MaskedPieces>();
  const pass = (type: ActivityDelta["type"], text: string): void => {
    if (text !== "") emit({ type, text });
  };
  return {
    emit: ({ type, text }) => {
      const pieces = streams.get(type) ?? mask.pieces();
      streams.set(type, pieces);
      pass(type, pieces.push(text));
    },
    flush: () => {
      for (const [type, pieces] of streams) pass(type, pieces.flush());
    },
  };
}
