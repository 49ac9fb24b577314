import type { ConfChange, ConfState, LogIndex, NodeId, Role, Term } from "@waggle/raft-core";

/** What a node tells those who watch it. */
export type RaftNodeEvent =
  /** This node's role or the known leader changed; `leader` is undefined while nobody is known to lead. */
  | {
      readonly type: "role";
      readonly role: Role;
      readonly leader: NodeId | undefined;
      readonly term: Term;
    }
  /** This node leads, and has applied everything that earlier leaders committed. */
  | { readonly type: "leading"; readonly term: Term }
  /** The members changed; `change` is undefined when they came with a snapshot. Comes before the entry is applied. */
  | {
      readonly type: "members";
      readonly index: LogIndex;
      readonly confState: ConfState;
      readonly change: ConfChange | undefined;
    }
  /**
   * On the leader: a learner that is to become a voter is getting the log; one event at the start of each round of that.
   * Its present `match` is in `status` at any time.
   */
  | {
      readonly type: "member-catching-up";
      readonly node: NodeId;
      readonly round: number;
      readonly match: number;
      readonly lastIndex: number;
    }
  /** A snapshot from the leader replaced the state. */
  | { readonly type: "restored"; readonly index: LogIndex }
  /** This node is no longer a member. It goes on to answer `status`; stop it. */
  | { readonly type: "removed"; readonly index: LogIndex }
  /** The store or the state machine failed, and the node has stopped itself. */
  | { readonly type: "failed"; readonly error: unknown };

/** Called for each event, in order; must not throw. */
export type RaftNodeListener = (event: RaftNodeEvent) => void;

/** Hands events to those who listen. A listener that throws is reported and does not disturb the others. */
export class EventHub {
  readonly #listeners = new Set<{ readonly listener: RaftNodeListener }>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  subscribe(listener: RaftNodeListener): () => void {
    const subscription = { listener };
    this.#listeners.add(subscription);
    return () => {
      this.#listeners.delete(subscription);
    };
  }

  emit(event: RaftNodeEvent): void {
    for (const { listener } of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
