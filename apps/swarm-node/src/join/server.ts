import type { Connection } from "@waggle/transport";
import { codeOf, messageOf, NodeError } from "../errors.ts";
import { JOIN_TIMEOUT_MS } from "../limits.ts";
import {
  decodeJoinMessage,
  encodeJoinMessage,
  type JoinMessage,
  type JoinMessageOf,
} from "./messages.ts";

/** What the join protocol needs of a manager. */
export interface JoinDesk {
  /** The leader's address when this manager does not lead; `undefined` when it leads. @throws when nobody leads. */
  leaderElsewhere(): string | undefined;
  /** Registers the node and says who it is. */
  register(
    role: "worker" | "manager",
    request: JoinMessageOf<"join">,
  ): Promise<JoinMessageOf<"accepted">>;
  /**
   * Makes a registered manager a member of the Raft group, after checking that it answers, and has it counted in the
   * quorum if it catches up soon. `unknown`: it may become one yet. What it throws means that it is none.
   */
  activate(
    joiner: JoinMessageOf<"accepted">,
    request: JoinMessageOf<"join">,
  ): Promise<"member" | "unknown">;
  /** Takes a registration back that was never activated. Does not throw: what fails is logged. */
  withdraw(joiner: JoinMessageOf<"accepted">): Promise<void>;
}

/** Serves one joining machine. Whatever goes wrong is told to it and ends this connection only. */
export async function serveJoin(
  connection: Connection,
  role: "worker" | "manager",
  desk: JoinDesk,
): Promise<void> {
  const timer = setTimeout(() => connection.destroy(), JOIN_TIMEOUT_MS);
  try {
    await converse(connection, role, desk);
  } catch (error) {
    const refused: JoinMessage = {
      type: "refused",
      code: codeOf(error),
      message: messageOf(error),
    };
    await connection.send(encodeJoinMessage(refused)).catch(() => undefined);
  } finally {
    clearTimeout(timer);
    await connection.close();
  }
}

async function converse(
  connection: Connection,
  role: "worker" | "manager",
  desk: JoinDesk,
): Promise<void> {
  const inbox = connection.frames[Symbol.asyncIterator]();
  const reply = (message: JoinMessage): Promise<void> =>
    connection.send(encodeJoinMessage(message));
  const request = await expectMessage(inbox, "join");
  const leader = desk.leaderElsewhere();
  if (leader !== undefined) {
    await reply({ type: "redirect", address: leader });
    return;
  }
  const joiner = await desk.register(role, request);
  let taken = false;
  try {
    await reply(joiner);
    if (role === "manager") {
      await expectMessage(inbox, "ready");
      const outcome = await desk.activate(joiner, request);
      taken = true;
      // No answer is the answer then: a joiner that hears none goes on as a member.
      if (outcome === "unknown") return;
      await reply({ type: "complete" });
    }
    taken = true;
  } finally {
    if (!taken) await desk.withdraw(joiner);
  }
  // The joiner hangs up once it has read the answer.
  await inbox.next();
}

async function expectMessage<T extends JoinMessage["type"]>(
  inbox: AsyncIterator<Uint8Array>,
  type: T,
): Promise<JoinMessageOf<T>> {
  const next = await inbox.next();
  if (next.done === true) throw new NodeError("protocol", "the joiner hung up");
  const message = decodeJoinMessage(next.value);
  if (message.type !== type) {
    throw new NodeError("protocol", `expected ${type}, got ${message.type}`);
  }
  return message as JoinMessageOf<T>;
}
