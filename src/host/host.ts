/**
 * The machine as Stigmer sees it: clock, chance, environment, files, network,
 * processes and terminal, as interfaces.
 *
 * Everything that touches the outside world comes in through a
 * {@linkcode Host}: `system.ts` is the real one, `fake.ts` the one of tests.
 *
 * @module
 */

/** The whole machine. */
export interface Host {
  readonly clock: Clock;
  readonly random: Random;
  readonly env: Env;
  readonly files: Files;
  readonly network: Network;
  readonly processes: Processes;
  readonly libraries: Libraries;
  readonly terminal: Terminal;
  readonly platform: Platform;
  readonly permissions: Permissions;
}

/** What Deno lets a process do, by its own names. */
export type PermissionName =
  | "read"
  | "write"
  | "net"
  | "env"
  | "run"
  | "sys"
  | "ffi"
  | "import";

/** How much of it: all, all but what was denied, or nothing that is known. */
export type Permission = "all" | "partly" | "none";

/** What this process may do. */
export interface Permissions {
  /**
   * How much of a sort this process may do. Scopes that were given can be
   * asked for and not be listed: without a scope they count as nothing.
   *
   * @param scope A path, an address, the name of a variable or a program.
   */
  query(name: PermissionName, scope?: string): Permission;
  /**
   * Asks for one scope of a sort where it is not given yet and there is
   * somebody to ask, and says whether this process may.
   */
  ask(name: PermissionName, scope: string): Promise<boolean>;
  /** Gives up all of some sorts, or of every one; nothing brings them back. */
  giveUp(names: readonly PermissionName[] | "all"): void;
}

/** Time. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds since some fixed moment; never goes back. */
  monotonic(): number;
  /** Resolves after a time; rejects with the signal's reason when aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once after a time, unless the returned function is called. */
  timer(delayMs: number, callback: () => void): () => void;
}

/** Chance. */
export interface Random {
  /** That many random bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer>;
  /** A number from 0 up to but not including 1. */
  fraction(): number;
}

/** The environment variables of this process. */
export interface Env {
  /** The value of a variable, or `undefined`. */
  get(name: string): string | undefined;
}

/** What is known of a file. */
export interface FileInfo {
  readonly kind: "file" | "directory" | "other";
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  /** Permission bits, where the system has them. */
  readonly mode: number | undefined;
  /** Number of the user whose it is, where the system has them. */
  readonly ownerId?: number;
  /** The same as long as it is the same file, where the system says so. */
  readonly fileId?: string;
}

/** A name in a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: FileInfo["kind"] | "link";
}

/** Files. Errors are those of Deno, as `Deno.errors.NotFound`. */
export interface Files {
  readText(path: string): Promise<string>;
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads at most that many bytes from the start. */
  readHead(path: string, lengthMax: number): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Writes a whole file: beside it first, then over it in one step. A
   * `durable` one is there after a power cut as well.
   */
  writeAtomic(
    path: string,
    content: string | Uint8Array<ArrayBuffer>,
    options?: { readonly mode?: number; readonly durable?: boolean },
  ): Promise<void>;
  /** Makes an empty file unless it is there; says whether it made it. */
  createNew(path: string, options: { readonly mode: number }): boolean;
  /** Makes a folder and those above it. */
  makeDirectory(path: string, options?: { readonly mode?: number }): void;
  /** What is known of a path, or `undefined` when nothing is there. */
  stat(path: string): FileInfo | undefined;
  /** Whether a path itself is a link, wherever that leads. */
  isLink(path: string): boolean;
  /** The names in a folder, in code-unit order. */
  list(path: string): Promise<readonly string[]>;
  /** What is in a folder, in code-unit order; links are not followed. */
  entries(path: string): Promise<readonly FolderEntry[]>;
  /**
   * Reads at most that many bytes of a file at its real path. What is known of
   * the file is known of the one that was read.
   *
   * @throws {Deno.errors.PermissionDenied} When a link leads elsewhere, or it
   * is no file.
   */
  readReal(
    path: string,
    options: { readonly lengthMax: number },
  ): Promise<{
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly info: FileInfo;
  }>;
  /**
   * Writes a whole file at its real path, beside it first and then over it in
   * one step, with exactly these permission bits where they are given.
   *
   * @throws {Deno.errors.PermissionDenied} When a link leads elsewhere.
   */
  writeReal(
    path: string,
    content: Uint8Array<ArrayBuffer>,
    options?: { readonly mode?: number | undefined },
  ): Promise<void>;
  /** Removes a file, or a folder with all that is in it; missing is fine. */
  remove(path: string): Promise<void>;
  /** Makes a new folder for temporary files. */
  makeTemporaryDirectory(): Promise<string>;
  /** Resolves links; the path must exist. */
  realPath(path: string): Promise<string>;
  /** The content of a file, piece by piece. */
  readChunks(path: string): AsyncIterable<Uint8Array<ArrayBuffer>>;
  /**
   * Writes a whole file of pieces: beside it first, and down to the disk, then
   * in its place in one step. Nothing is left when a piece fails to come. It
   * has the whole mode, whatever the umask.
   *
   * @throws {Deno.errors.AlreadyExists} When it is there, unless it may be
   * replaced.
   */
  writeChunks(
    path: string,
    chunks: AsyncIterable<Uint8Array>,
    options: { readonly mode: number; readonly replace?: boolean },
  ): Promise<void>;
  /** Moves a file over another one, or to where none is, in one step. */
  rename(from: string, to: string): Promise<void>;
  /** Gives a file a second name; what both name is one file. */
  link(from: string, to: string): Promise<void>;
  /** Bytes that may still be written where a path is; `undefined` unknown. */
  freeBytes(path: string): Promise<number | undefined>;
  /**
   * Opens (and creates, 0600) a file and takes an exclusive lock that the
   * kernel frees when this process ends; `undefined` when another has it.
   */
  lock(path: string): FileLock | undefined;
}

/** A lock that this process holds. */
export interface FileLock {
  release(): void;
}

/** The network. */
export interface Network {
  /** `fetch` of the platform. */
  fetch(request: Request): Promise<Response>;
  /**
   * The addresses of a name, as DNS has them; none where it has none.
   *
   * @throws When nobody answers, or the signal is aborted before.
   */
  addressesOf(
    hostname: string,
    signal: AbortSignal,
  ): Promise<readonly string[]>;
  /** Opens a WebSocket, `ws:` or `wss:`; aborting closes it. */
  openSocket(
    url: string,
    options: {
      readonly headers: Readonly<Record<string, string>>;
      readonly signal: AbortSignal;
    },
  ): Promise<Socket>;
  /**
   * Until when the certificate of a server is good, trusted or not;
   * `undefined` where there is none to be had.
   */
  certificateEndsAtMs(
    options: {
      readonly hostname: string;
      readonly port: number;
      readonly signal: AbortSignal;
    },
  ): Promise<number | undefined>;
  /** Makes a client of one server, with a trust, proxy or socket of its own. */
  openHttpClient(options: HttpClientOptions): HttpClient;
  /**
   * Answers HTTP/1.1 and HTTP/2, on an address or on a unix socket.
   *
   * @throws {Deno.errors.AddrInUse} When another listens there, and whatever
   * the platform throws for an address that cannot be had.
   */
  serveHttp(options: ServeHttpOptions, handler: HttpHandler): HttpServer;
  /**
   * Answers HTTP/2 alone, where trailers can follow a body, as gRPC needs.
   *
   * @throws What `serveHttp` throws.
   */
  serveHttp2(
    options: ServeHttpOptions,
    handler: Http2Handler,
  ): Promise<HttpServer>;
}

/** How a server is reached. */
export interface HttpClientOptions {
  /** Certificates (PEM) that are trusted besides those of the system. */
  readonly caCerts?: readonly string[];
  /** Path of a unix socket that the server listens on. */
  readonly unixPath?: string;
  /**
   * Where the server listens, past any proxy of the environment; an address of
   * IPv6 in brackets, as in a URL.
   */
  readonly direct?: { readonly hostname: string; readonly port: number };
}

/** A client of one server; its connections are kept until it is closed. */
export interface HttpClient {
  fetch(request: Request): Promise<Response>;
  /**
   * Resolves when a connection to the server of a URL can be made, or to the
   * proxy before it, which alone could tell more.
   *
   * @throws When it cannot, or the signal is aborted before.
   */
  reach(url: string, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Where and how a server listens. */
export interface ServeHttpOptions {
  readonly address:
    | { readonly kind: "tcp"; readonly hostname: string; readonly port: number }
    | { readonly kind: "unix"; readonly path: string };
  /** Certificate and key (PEM); without them it is plain text. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Ends the server at once, with all that is under way. */
  readonly signal?: AbortSignal;
}

/** Answers one request. */
export type HttpHandler = (
  request: Request,
  peer: {
    /** Address and port, or empty on a unix socket. */
    readonly address: string;
    /** Resolves when the response is through, rejects when it broke. */
    readonly completed: Promise<void>;
  },
) => Response | Promise<Response>;

/** A request whose body may go on while it is answered. */
export interface Http2Request {
  readonly method: string;
  /** Path and query; begins with a slash. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: AsyncIterable<Uint8Array>;
  /** Aborted when the caller has broken it off or is gone. */
  readonly signal: AbortSignal;
}

/** A response with what follows its body. */
export interface Http2Response {
  readonly status: number;
  /** Read when the first piece of the body is there. */
  readonly headers?: Headers;
  readonly body?: AsyncIterable<Uint8Array>;
  /** Read when the body is through. */
  readonly trailers?: Headers;
}

/** Answers one request, with trailers. */
export type Http2Handler = (
  request: Http2Request,
  peer: Parameters<HttpHandler>[1],
) => Promise<Http2Response>;

/** A server that listens. */
export interface HttpServer {
  /** Where it listens: `127.0.0.1:7234`, or the path of its socket. */
  readonly address: string;
  /** The port, or 0 on a unix socket. */
  readonly port: number;
  /** Resolves when it has ended. */
  readonly finished: Promise<void>;
  /** Takes no more connections, and waits for what is under way. */
  shutdown(): Promise<void>;
}

/** An open WebSocket. */
export interface Socket {
  /** What comes, until it is closed; throws when it breaks. */
  readonly messages: AsyncIterable<string | Uint8Array<ArrayBuffer>>;
  send(text: string): void;
  /** Closes it once what was sent is through. */
  close(): Promise<void>;
}

/** How a child process is started. */
export interface SpawnOptions {
  /** Path of the program, absolute or to be found on PATH. */
  readonly command: string;
  readonly args: readonly string[];
  /**
   * Whether the arguments are the program's line as they stand, nothing in it
   * quoted. Counts on Windows only, where programs are given one line.
   */
  readonly isRaw?: boolean;
  /**
   * The whole environment of the child: nothing is inherited but what no
   * program of Windows does without.
   */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Whether the child leads a process group of its own, so that it can be ended with all it started. */
  readonly group?: boolean;
  /**
   * Whether its whole group ends with this process, however this process ends:
   * `kill -9` runs no handler. Counts for a group only, and not on Windows.
   */
  readonly tied?: boolean;
  /**
   * Whether what left the group, as by `setsid`, ends with it as well: when the
   * child ends, and with this process. Counts for what is tied, on Linux, and
   * for processes that keep the environment that they were given.
   */
  readonly reaped?: boolean;
}

/** A running child with piped standard streams. */
export interface ChildProcess {
  readonly pid: number;
  readonly stdin: WritableStream<Uint8Array<ArrayBuffer>>;
  readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly stderr: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Resolves when it ended. */
  readonly status: Promise<ExitStatus>;
  /**
   * Sends a signal to it, or to its whole group; ended is fine. On Windows
   * each of them ends it at once, with all that it started.
   */
  kill(signal: "SIGTERM" | "SIGKILL" | "SIGINT"): void;
}

/** How a child ended. */
export interface ExitStatus {
  readonly code: number;
  /** The signal that ended it, as `SIGKILL`. */
  readonly signal: string | undefined;
}

/** Processes. */
export interface Processes {
  spawn(options: SpawnOptions): ChildProcess;
  /** Absolute path of a program on PATH, or `undefined`. */
  find(command: string): string | undefined;
  /**
   * Variables that a child needs to run at all and to reach the network: PATH,
   * HOME, TMPDIR, LANG, proxies, certificates …
   */
  baseEnv(): Readonly<Record<string, string>>;
  /**
   * Ends what children of processes that are gone have left behind, where that
   * can be known; gives how many.
   */
  endOrphans(): Promise<number>;
}

/**
 * Libraries of the system, called as they are. What calls them answers for
 * every pointer: a wrong one ends the process, or worse.
 */
export interface Libraries {
  /**
   * Loads a library, for as long as this process lives.
   *
   * @throws What the platform throws: it is not allowed, it is none, or one
   * of the functions is not in it.
   */
  open<const F extends Deno.ForeignLibraryInterface>(
    path: string,
    functions: F,
  ): Deno.StaticForeignLibraryInterface<F>;
}

/** The terminal and the standard streams of this process. */
export interface Terminal {
  /** Whether a standard stream is a terminal. */
  isTerminal(stream: "stdin" | "stdout" | "stderr"): boolean;
  /** Width in columns, or `undefined` without a terminal. */
  columns(): number | undefined;
  /** Height in lines, or `undefined` without a terminal. */
  rows(): number | undefined;
  /**
   * Writes all of it to stdout or stderr.
   *
   * @returns Whether someone still reads: `false` once the pipe is closed.
   */
  write(
    stream: "stdout" | "stderr",
    text: string | Uint8Array<ArrayBuffer>,
  ): boolean;
  /**
   * Stdin and stdout as they are, for a protocol that both sides speak at once:
   * a reader that is slow holds up what is written, and nothing else.
   */
  pipes(): {
    readonly input: ReadableStream<Uint8Array<ArrayBuffer>>;
    readonly output: WritableStream<Uint8Array<ArrayBuffer>>;
  };
  /** All of stdin as text. */
  readStdin(sizeBytesMax: number): Promise<string>;
  /** One line of stdin without its end, or `undefined` at the end. */
  readLine(): Promise<string | undefined>;
  /**
   * Asks on stderr for one line that is not shown while it is typed; what is
   * pasted may have several lines. `undefined` at the end, at Ctrl-C and when
   * aborted; the terminal is as before in any case.
   */
  readHiddenLine(
    question: string,
    signal: AbortSignal,
  ): Promise<string | undefined>;
  /**
   * Has the terminal give each key at once and show none of them while work
   * goes on; pastes come in brackets. It is as before in any case. `read` gives
   * what was typed since, `undefined` at the end; one that nobody waits for any
   * more is the first of the next work.
   */
  withKeys<T>(
    work: (read: () => Promise<Uint8Array | undefined>) => Promise<T>,
  ): Promise<T>;
  /**
   * Has the terminal show nothing of what is typed while work goes on; it is
   * kept for whoever reads next. Ctrl-C is what it always is. Without a
   * terminal, and on Windows, nothing changes.
   */
  withoutEcho<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Calls back at Ctrl-C or SIGTERM until the returned function is called; on
   * Windows Ctrl-Break and the end of the console are SIGTERM. What
   * comes again within a moment is the same press, sent on by a wrapper.
   */
  onInterrupt(callback: (signal: "SIGINT" | "SIGTERM") => void): () => void;
  /**
   * Calls back around a stop by Ctrl-Z until it is disposed of; never on
   * Windows.
   */
  onSuspend(around: AroundStop): Suspension;
  /**
   * Calls back at SIGHUP until the returned function is called, and does not
   * end with it then; never on Windows.
   */
  onHangup(callback: () => void): () => void;
}

/** What is done around a stop of this process. */
export interface AroundStop {
  /** Leaves the terminal to others. */
  stop(): void;
  /** Takes it again, whatever they wrote meanwhile. */
  go(): void;
}

/** Hears of stops. */
export interface Suspension extends Disposable {
  /**
   * Whether `stop` is called. Where this process may not stop itself it is not:
   * the terminal must be at any time as it should be left.
   */
  readonly tellsOfStops: boolean;
}

/** What does not change while the process runs. */
export interface Platform {
  readonly os: "linux" | "darwin" | "windows";
  readonly arch: string;
  readonly pid: number;
  readonly hostname: string;
  /** The folder of the user, or `undefined` when there is none. */
  readonly homeDirectory: string | undefined;
  /** The current folder. */
  cwd(): string;
  /** Path of the running executable: Deno, or Stigmer itself when compiled. */
  readonly executable: string;
  /** Whether this is the compiled binary. */
  readonly standalone: boolean;
  /** Number of the user that this process runs as, where there are such. */
  userId(): number | undefined;
  /** Resident memory of this process in bytes. */
  memoryBytes(): number;
  /**
   * Calls back for what nobody caught, until the returned function is called;
   * it does not end the process then.
   */
  onUncaught(callback: (thrown: unknown) => void): () => void;
}
