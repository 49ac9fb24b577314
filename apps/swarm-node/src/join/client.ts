import type { Address, Connection } from "@waggle/transport";
import type { Availability } from "@waggle/swarm-state";
import { NodeError, type NodeErrorCode, codeOf, messageOf } from "../errors.ts";
import {
  decodeJoinMessage,
  encodeJoinMessage,
  type JoinMessage,
  type JoinMessageOf,
} from "./messages.ts";

const REDIRECTS_MAX = 5;

export interface JoinOptions {
  readonly remotes: readonly Address[];
  readonly dial: (to: Address, signal: AbortSignal) => Promise<Connection>;
  readonly parseAddress: (text: string) => Address;
  readonly request: {
    readonly availability: Availability;
    readonly hostname: string;
    readonly address: string;
  };
  readonly signal: AbortSignal;
}

/** An accepted join. A manager calls `ready` once its Raft listens, and is a member when that resolves. */
export interface AcceptedJoin {
  readonly answer: JoinMessageOf<"accepted">;
  ready(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Asks one remote after the other to take this machine in, following redirects to the leader.
 * @throws NodeError of the last remote; nothing was changed on this machine.
 */
export async function requestJoin(options: JoinOptions): Promise<AcceptedJoin> {
  let last: unknown = new NodeError(
    "invalid-argument",
    "at least 1 RemoteAddr is required to join",
  );
  for (const remote of options.remotes) {
    try {
      return await joinVia(remote, options);
    } catch (error) {
      options.signal.throwIfAborted();
      last = error;
      if (error instanceof NodeError && error.code === "invalid-argument") break;
    }
  }
  throw last;
}

async function joinVia(first: Address, options: JoinOptions): Promise<AcceptedJoin> {
  let remote = first;
  for (let hop = 0; hop <= REDIRECTS_MAX; hop += 1) {
    const connection = await dialWithToken(remote, options);
    const inbox = connection.frames[Symbol.asyncIterator]();
    await connection.send(encodeJoinMessage({ type: "join", ...options.request }));
    const answer = await receive(inbox, options.signal);
    if (answer.type === "accepted") return acceptedJoin(connection, inbox, answer, options.signal);
    await connection.close();
    if (answer.type !== "redirect") throw refusal(answer);
    remote = options.parseAddress(answer.address);
  }
  throw new NodeError("unavailable", "the managers do not agree on who leads; try again");
}

async function dialWithToken(remote: Address, options: JoinOptions): Promise<Connection> {
  try {
    return await options.dial(remote, options.signal);
  } catch (cause) {
    const where = `${remote.host}:${remote.port}`;
    if (codeOf(cause) === "unauthenticated") {
      throw new NodeError("bad-token", `invalid join token: ${where} did not accept it`, { cause });
    }
    throw new NodeError("unavailable", `no manager answers at ${where}: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function acceptedJoin(
  connection: Connection,
  inbox: AsyncIterator<Uint8Array>,
  answer: JoinMessageOf<"accepted">,
  signal: AbortSignal,
): AcceptedJoin {
  return {
    answer,
    ready: async () => {
      await connection.send(encodeJoinMessage({ type: "ready" }));
      const reply = await receive(inbox, signal);
      if (reply.type !== "complete") throw refusal(reply);
    },
    close: () => connection.close(),
  };
}

async function receive(
  inbox: AsyncIterator<Uint8Array>,
  signal: AbortSignal,
): Promise<JoinMessage> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void =>
    aborted.reject(new NodeError("timeout", "the manager did not answer in time"));
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const next = await Promise.race([inbox.next(), aborted.promise]);
    if (next.done === true) {
      throw new NodeError("unavailable", "the manager closed the connection; try again");
    }
    return decodeJoinMessage(next.value);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

const refusalCodes: readonly NodeErrorCode[] = ["invalid-argument", "bad-token", "unavailable"];

function refusal(message: JoinMessage): NodeError {
  if (message.type !== "refused") {
    return new NodeError("protocol", `the manager answered with ${message.type}`);
  }
  const code = refusalCodes.find((known) => known === message.code) ?? "unavailable";
  return new NodeError(code, message.message);
}
