/**
 * Makes access tokens, and shows each once.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import type { Duration } from "@bufbuild/protobuf/wkt";
import {
  type CreateTokenResponse,
  CreateTokenResponseSchema,
} from "../../../gen/stigmer/backend/v1/token_pb.ts";
import { invalidArgument } from "../../model/error.ts";
import { ROLES } from "../../model/role.ts";
import { TOKEN_EXPIRY_MS_MAX } from "../../model/token.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { parseDurationMs } from "../duration.ts";
import { showJson } from "../view.ts";

/** Makes a token and prints it, alone on stdout. */
export async function createToken(
  context: Context,
  wanted: {
    readonly name: string;
    readonly role: string | undefined;
    readonly expires: string | undefined;
  },
): Promise<Ending> {
  const { io, signal } = context;
  const { name, role, expires } = wanted;
  if (role === undefined) {
    throw invalidArgument('Missing option "--role"', {
      hints: [`Choose what its bearer may do: ${ROLES.join(", ")}`],
    });
  }
  if (io.format === "name") {
    throw invalidArgument(
      "Cannot show the name of the token alone: its text is shown only now",
      { hints: ["Leave -o out, or take -o json"] },
    );
  }
  const expiresIn = expires === undefined ? {} : {
    expiresIn: durationOf(parseDurationMs(expires, "--expires", {
      maxMs: TOKEN_EXPIRY_MS_MAX,
    })),
  };
  await using backend = await openFor(context);
  const answer = await backend.client.createToken(
    { name, role, ...expiresIn },
    { signal },
  );
  switch (io.format) {
    case "table":
    case "wide":
      io.data(answer.text);
      io.note(madeText(answer, expires));
      break;
    default:
      await showJson(context, toJson(CreateTokenResponseSchema, answer));
  }
  return "ok";
}

function madeText(
  { token }: CreateTokenResponse,
  expires: string | undefined,
): string {
  const end = expires === undefined ? "without end" : `good for ${expires}`;
  return `This is token "${token?.name}" with the role ${token?.role}, ` +
    `${end}. It is shown only now: ` +
    "keep it where secrets are kept, and log in with it by stigmer login";
}

function durationOf(ms: number): Pick<Duration, "seconds" | "nanos"> {
  return {
    seconds: BigInt(Math.floor(ms / 1000)),
    nanos: ms % 1000 * 1_000_000,
  };
}
