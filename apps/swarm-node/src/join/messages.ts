import { z } from "zod";
import { NodeError } from "../errors.ts";
import { JOIN_MESSAGE_BYTES_MAX } from "../limits.ts";

const address = z.string().min(3).max(300);
const bytes = z.base64().max(1_024);

const manager = z.object({ nodeId: z.string(), raftId: z.number().int().positive(), address });

const schema = z.discriminatedUnion("type", [
  /** Joiner → manager. */
  z.object({
    type: z.literal("join"),
    availability: z.enum(["active", "pause", "drain"]),
    hostname: z.string().max(255),
    address,
  }),
  /** Manager → joiner: who you are. A manager's secret only for a manager's token. */
  z.object({
    type: z.literal("accepted"),
    nodeId: z.string(),
    nodeKey: bytes,
    manager: z.object({ raftId: z.number().int().positive(), swarmSecret: bytes }).optional(),
    managers: z.array(manager).max(1_000),
  }),
  /** Manager → joiner: the leader is elsewhere. */
  z.object({ type: z.literal("redirect"), address }),
  z.object({ type: z.literal("refused"), code: z.string(), message: z.string() }),
  /** Joiner → manager: my Raft listens at my address; make me a member. Managers only. */
  z.object({ type: z.literal("ready") }),
  /** Manager → joiner: you are a member. */
  z.object({ type: z.literal("complete") }),
]);

/**
 * The join protocol, on a connection authenticated by the token: join → accepted, and for a manager ready → complete.
 * The second round exists so that nobody is counted in the quorum before it can answer.
 */
export type JoinMessage = z.output<typeof schema>;
export type JoinMessageOf<T extends JoinMessage["type"]> = Extract<JoinMessage, { type: T }>;

export function encodeJoinMessage(message: JoinMessage): Uint8Array {
  return Buffer.from(JSON.stringify(message));
}

/** @throws NodeError `protocol` */
export function decodeJoinMessage(frame: Uint8Array): JoinMessage {
  try {
    if (frame.length > JOIN_MESSAGE_BYTES_MAX) throw new RangeError("too large");
    return schema.parse(JSON.parse(Buffer.from(frame).toString("utf8")));
  } catch (cause) {
    throw new NodeError("protocol", "a peer sent a join message that is none", { cause });
  }
}
