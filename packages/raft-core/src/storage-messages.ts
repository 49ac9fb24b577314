import type { Entry, HardState, Snapshot } from "./entry.ts";
import type { LogIndex, NodeId, Term } from "./ids.ts";
import type { AppendResponse, Message, VoteResponse } from "./messages.ts";

/**
 * This node → {@link APPEND_THREAD}: make all of it durable, in one write where possible, then deliver `responses` in
 * order. Requests are done one after the other and none is lost. Without responses nothing has to be synced.
 */
export interface StorageAppend {
  readonly type: "storage-append";
  readonly from: NodeId;
  readonly to: NodeId;
  /** Undefined when it did not change. */
  readonly hardState: HardState | undefined;
  readonly entries: readonly Entry[];
  /** To be written, and given to the state machine after all that was to be applied before, and then answered. */
  readonly snapshot: Snapshot | undefined;
  /** To peers over the network; those to this node itself by `stepLocal`. */
  readonly responses: readonly (Message | StorageAppendResponse)[];
}

/** {@link APPEND_THREAD} → this node: a write is done. */
export interface StorageAppendResponse {
  readonly type: "storage-append-response";
  readonly from: NodeId;
  readonly to: NodeId;
  /** The node's term when it asked: an answer of an earlier term says nothing about the log of now. */
  readonly term: Term;
  /** End of the log when the node asked; 0 when all of it was durable. */
  readonly index: LogIndex;
  readonly logTerm: Term;
  readonly snapshot: Snapshot | undefined;
}

/** This node → {@link APPLY_THREAD}: apply these in order, then deliver `responses`. Need not be durable. */
export interface StorageApply {
  readonly type: "storage-apply";
  readonly from: NodeId;
  readonly to: NodeId;
  readonly entries: readonly Entry[];
  readonly responses: readonly StorageApplyResponse[];
}

/** {@link APPLY_THREAD} → this node: entries are applied. */
export interface StorageApplyResponse {
  readonly type: "storage-apply-response";
  readonly from: NodeId;
  readonly to: NodeId;
  readonly entries: readonly Entry[];
}

/** What the threads of a node that writes asynchronously are asked for. */
export type StorageRequest = StorageAppend | StorageApply;

/** What reaches a node from itself and its threads, never over the network. */
export type LocalMessage =
  StorageAppendResponse | StorageApplyResponse | AppendResponse | VoteResponse;
