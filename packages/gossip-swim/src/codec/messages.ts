import type { Address } from "../address.ts";
import type { MemberState } from "../member.ts";

/** "Are you there, `target`?" The addressee answers with an ack, unless it bears another name. */
export interface PingMessage {
  readonly type: "ping";
  /** 32-bit; echoed by the ack. */
  readonly sequence: number;
  readonly target: string;
  readonly from: string;
}

/** "Ping `target` for me." An ack is passed back under the same sequence. */
export interface PingRequestMessage {
  readonly type: "ping-request";
  readonly sequence: number;
  readonly target: string;
  readonly from: string;
}

export interface AckMessage {
  readonly type: "ack";
  readonly sequence: number;
}

/** A member's statement about itself. */
export interface AliveMessage {
  readonly type: "alive";
  readonly name: string;
  readonly incarnation: number;
  readonly address: Address;
  readonly meta: Uint8Array;
}

/** `from` got no answer from `name`; empty when the accuser is not known (learned from a state exchange). */
export interface SuspectMessage {
  readonly type: "suspect";
  readonly name: string;
  readonly incarnation: number;
  readonly from: string;
}

/** `from` declares `name` dead; if they are the same, it is a goodbye. */
export interface DeadMessage {
  readonly type: "dead";
  readonly name: string;
  readonly incarnation: number;
  readonly from: string;
}

/** What is spread by gossip. */
export type RumourMessage = AliveMessage | SuspectMessage | DeadMessage;

/** What travels in packets. */
export type PacketMessage = PingMessage | PingRequestMessage | AckMessage | RumourMessage;

/** One member in a state exchange. */
export interface StateEntry {
  readonly name: string;
  readonly incarnation: number;
  readonly address: Address;
  readonly meta: Uint8Array;
  readonly state: MemberState;
}

/** Everything (or a part of what) one node knows; asks for the same unless it is a reply. */
export interface StateMessage {
  readonly type: "state";
  readonly reply: boolean;
  /** The sender's name. */
  readonly from: string;
  readonly entries: readonly StateEntry[];
}

/** What travels on streams: a request frame and one reply frame. */
export type StreamMessage = StateMessage | PingMessage | AckMessage;
