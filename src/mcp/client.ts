/**
 * Our side of the protocol: who we say that we are, what we offer to servers
 * and what we do not.
 *
 * A server may ask for the folders that it is to work in (roots). It may not
 * ask our models (sampling) nor the person before them (elicitation): it is
 * told so, and its call goes on.
 *
 * @module
 */

import type {
  Client,
  ClientOptions,
  Implementation,
  JsonSchemaValidator,
  specTypeSchemas,
} from "@modelcontextprotocol/client";
import { VERSION } from "../model/version.ts";
import { shownLine } from "./shown_line.ts";

const CLIENT_INFO: Implementation = { name: "stigmer", version: VERSION };
/** Characters of what a server logs that are kept of one line. */
const LOG_LENGTH_MAX = 500;

/** Answers a question of a server in the place of a person. */
export type Elicit = (
  question: { readonly message: string },
) => Promise<
  {
    readonly action: "accept" | "decline" | "cancel";
    /** Fields; those that are left out have the value that was proposed. */
    readonly content?: Readonly<Record<string, string | number | boolean>>;
  }
>;

/** What a client is made of. */
export interface NewClientOptions {
  readonly info?: Implementation;
  /** URLs of folders that the server may ask for; absent means never. */
  readonly roots?: readonly string[];
  /** Answers what the server asks the person; absent means that nobody does. */
  readonly elicit?: Elicit;
  /** Called when the server says that its tools are others now. */
  readonly onToolsChanged?: () => void;
  /** Called with each line that the server logs: its level and the text. */
  readonly onLog?: (line: string) => void;
  /** Hides what is secret in those lines. */
  readonly hide?: (text: string) => string;
  /** Which versions of the protocol; absent means any of a handshake. */
  readonly versions?: Pick<
    ClientOptions,
    "supportedProtocolVersions" | "versionNegotiation"
  >;
}

/** Makes a client. */
export async function newClient(options: NewClientOptions): Promise<Client> {
  const { info = CLIENT_INFO, roots, elicit, onToolsChanged, onLog } = options;
  const { hide = (text: string): string => text } = options;
  const { Client, ProtocolError, ProtocolErrorCode } = await import(
    "@modelcontextprotocol/client"
  );
  const client = new Client(info, {
    capabilities: {
      ...(roots === undefined ? {} : { roots: {} }),
      ...(elicit === undefined
        ? {}
        : { elicitation: { form: { applyDefaults: true } } }),
    },
    // What a tool returns goes to the model as it is.
    jsonSchemaValidator: { getValidator: acceptAll },
    ...options.versions,
  });
  if (roots !== undefined) {
    const listed = roots.map((uri) => ({ uri }));
    client.setRequestHandler("roots/list", () => ({ roots: listed }));
  }
  if (elicit !== undefined) {
    client.setRequestHandler("elicitation/create", async ({ params }) => {
      const { content, ...answer } = await elicit({ message: params.message });
      return {
        ...answer,
        ...(content === undefined ? {} : { content: { ...content } }),
      };
    });
  }
  client.fallbackRequestHandler = ({ method }) => {
    throw new ProtocolError(
      ProtocolErrorCode.MethodNotFound,
      `Stigmer does not offer "${method}" to tool servers`,
    );
  };
  client.setNotificationHandler(
    "notifications/tools/list_changed",
    () => onToolsChanged?.(),
  );
  client.setNotificationHandler("notifications/message", ({ params }) => {
    onLog?.(`${params.level}: ${logText(params.data, hide)}`);
  });
  return client;
}

/** Takes whatever a tool returns: what reads it checks it. */
function acceptAll<T>(): JsonSchemaValidator<T> {
  return (data) => ({ valid: true, data: data as T, errorMessage: undefined });
}

function logText(data: unknown, hide: (text: string) => string): string {
  const text = typeof data === "string" ? data : JSON.stringify(data) ?? "";
  return shownLine(text, { hide, lengthMax: LOG_LENGTH_MAX });
}

/**
 * The schema of what a call gives. The client makes one for each request where
 * it is given none, which takes longer than all else that it does.
 */
export async function callResultSchema(): Promise<
  typeof specTypeSchemas.CallToolResult
> {
  const sdk = await import("@modelcontextprotocol/client");
  return sdk.specTypeSchemas.CallToolResult;
}
