/**
 * `stigmer server`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Serves the database of the home folder. */
export const command: Command = defineCommand({
  summary: "Serve this database to others and run its executions",
  needs: "machine",
  details: [
    "Others reach it as a backend: stigmer login --endpoint URL. They need a token, which stigmer token create makes here. Who reaches a unix socket needs none: it stands in a folder that is nobody else's.",
    "Beyond this machine it listens with TLS alone, unless --insecure says that something else speaks TLS before it.",
    "Ctrl-C and SIGTERM drain it: it takes no more calls, and what runs has the time of --drain to come to an end; what is left goes on after the next start. A second signal ends it at once.",
  ],
  arguments: {},
  options: {
    listen: {
      kind: "list",
      placeholder: "ADDRESS",
      summary:
        "Listen here: HOST:PORT, or unix:/PATH (default 127.0.0.1:7234; port 0 takes a free one)",
    },
    grpcListen: {
      kind: "list",
      placeholder: "ADDRESS",
      summary: "Speak gRPC here; elsewhere it speaks Connect and gRPC-Web",
    },
    tlsCert: {
      kind: "value",
      placeholder: "FILE",
      summary: "Certificate with its chain, as PEM",
      complete: "file",
    },
    tlsKey: {
      kind: "value",
      placeholder: "FILE",
      summary: "Key of the certificate, as PEM",
      complete: "file",
    },
    insecure: {
      kind: "flag",
      summary:
        "Listen without TLS beyond this machine, and take calls from it without a token",
    },
    workers: {
      kind: "value",
      placeholder: "COUNT",
      summary: "Activities at once (default 256); 0 runs nothing here",
    },
    drain: {
      kind: "value",
      placeholder: "DURATION",
      summary: "Time that what runs has to end (default 30s)",
    },
    logFormat: {
      kind: "value",
      placeholder: "FORMAT",
      summary: "Write the log for people or machines (default text)",
      choices: ["text", "json"],
    },
    logLevel: {
      kind: "value",
      placeholder: "LEVEL",
      summary: "Leave out of the log what matters less (default info)",
      choices: ["debug", "info", "warn", "error"],
    },
    rateLimit: {
      kind: "value",
      placeholder: "COUNT",
      summary: "Calls a second of one caller (default 1000); 0 for no limit",
    },
    maxCalls: {
      kind: "value",
      placeholder: "COUNT",
      summary: "Calls under way at once (default 1024)",
    },
    maxStreams: {
      kind: "value",
      placeholder: "COUNT",
      summary: "Open streams of one caller (default 256)",
    },
    maxMessageSize: {
      kind: "value",
      placeholder: "SIZE",
      summary: "Largest message, as 16MiB (default 64MiB)",
    },
  },
  examples: [
    {
      does: "Serve this machine, for a trial",
      line: "server --insecure",
    },
    {
      does: "Serve others over TLS",
      line: "server --listen :7234 --tls-cert cert.pem --tls-key key.pem",
    },
    {
      does: "Serve a socket that only this user reaches",
      line: "server --listen unix:/home/me/.stigmer/run/api.sock",
    },
  ],
  async run(context, { options }) {
    const { serve } = await import("../serving.ts");
    return await serve(context, options);
  },
});
