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

/** An accepted join. A manager calls `ready` once its Raft listens. */
export interface AcceptedJoin {
  readonly answer: JoinMessageOf<"accepted">;
  /**
   * `complete`: this node is a member. `lost`: no answer came, so it may be one. It has to go on then: a member that
   * the others count on and that is gone could cost them their quorum for ever.
   * @throws NodeError when it was refused, and is no member.
   */
  ready(): Promise<"complete" | "lost">;
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
      if (options.signal.aborted) throw timedOut(error);
      last = error;
      if (error instanceof NodeError && error.code === "invalid-argument") break;
    }
  }
  throw last;
}

function timedOut(cause: unknown): NodeError {
  return new NodeError("timeout", `Timeout was reached before node joined: ${messageOf(cause)}`, {
    cause,
  });
}

async function joinVia(first: Address, options: JoinOptions): Promise<AcceptedJoin> {
  let remote = first;
  for (let hop = 0; hop <= REDIRECTS_MAX; hop += 1) {
    const answer = await ask(remote, options);
    if ("ready" in answer) return answer;
    remote = answer;
  }
  throw new NodeError("unavailable", "the managers do not agree on who leads; try again");
}

/** Asks one manager: it takes this machine in, or says where the leader is. */
async function ask(remote: Address, options: JoinOptions): Promise<AcceptedJoin | Address> {
  const connection = await dialWithToken(remote, options);
  try {
    const inbox = connection.frames[Symbol.asyncIterator]();
    await connection.send(encodeJoinMessage({ type: "join", ...options.request }));
    const answer = await receive(inbox, options.signal);
    if (answer.type === "accepted") return acceptedJoin(connection, inbox, answer, options.signal);
    if (answer.type !== "redirect") throw refusal(answer);
    const leader = options.parseAddress(answer.address);
    await connection.close();
    return leader;
  } catch (error) {
    connection.destroy();
    throw explained(error);
  }
}

/** What the connection threw, as an error of this node. */
function explained(error: unknown): NodeError {
  if (error instanceof NodeError) return error;
  const message = `the manager did not answer: ${messageOf(error)}`;
  return new NodeError("unavailable", message, { cause: error });
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
      try {
        await connection.send(encodeJoinMessage({ type: "ready" }));
      } catch (error) {
        throw explained(error);
      }
      const reply = await receive(inbox, signal).catch(() => undefined);
      if (reply === undefined) return "lost";
      if (reply.type !== "complete") throw refusal(reply);
      return reply.type;
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
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
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
