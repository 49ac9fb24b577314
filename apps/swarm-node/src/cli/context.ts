import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { createEngineClient, type EngineClient } from "./engine-client.ts";

/** Streams and environment of one run of the command line; tests hand in their own. */
export interface CliIo {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Options that every command has. */
export interface GlobalOptions {
  readonly socket?: string;
  readonly dataDir?: string;
}

/** Where a node keeps its data unless told otherwise: for root the system's place, else the user's. */
export function defaultDataDirectory(env: CliIo["env"]): string {
  const named = env["WAGGLE_DATA_DIR"];
  if (named !== undefined && named !== "") return named;
  if (userInfo().uid === 0) return "/var/lib/waggle";
  return join(env["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share"), "waggle");
}

export function dataDirectory(options: GlobalOptions, io: CliIo): string {
  return options.dataDir ?? defaultDataDirectory(io.env);
}

export function socketPath(options: GlobalOptions, io: CliIo): string {
  return (
    options.socket ?? io.env["WAGGLE_SOCKET"] ?? join(dataDirectory(options, io), "docker.sock")
  );
}

/** Runs with a client of the node's API, and closes it. */
export async function withClient<T>(
  options: GlobalOptions,
  io: CliIo,
  use: (client: EngineClient) => Promise<T>,
): Promise<T> {
  const client = createEngineClient(socketPath(options, io));
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}
