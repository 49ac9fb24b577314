import type { RaftNode, RaftNodeEvent } from "@waggle/raft";
import type { Dispatcher } from "@waggle/swarm-manager";
import { messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Leadership } from "./leadership.ts";
import type { PeerDirectory } from "./peer-directory.ts";

export interface FollowRaftOptions {
  readonly raft: RaftNode;
  readonly peers: PeerDirectory;
  readonly leadership: Leadership;
  readonly dispatcher: Dispatcher;
  readonly logger: Logger;
  readonly onEnded: (reason: "removed" | { readonly error: unknown }) => void;
}

/** Starts and stops what depends on who leads, and keeps the directory of members. */
export function followRaft(options: FollowRaftOptions): void {
  options.raft.subscribe((event) => react(options, event));
}

function react(options: FollowRaftOptions, event: RaftNodeEvent): void {
  const { leadership, dispatcher, logger, peers } = options;
  switch (event.type) {
    case "role":
      logger.info({ role: event.role, leader: event.leader, term: event.term }, "raft role");
      if (event.role !== "leader") leadership.end();
      // A leader knows of no session until it is told; its own are told once it may write.
      if (event.leader !== undefined && event.role !== "leader") announce(dispatcher, logger);
      return;
    case "leading":
      leadership.begin();
      announce(dispatcher, logger);
      return;
    case "members":
      for (const { type, node } of event.change?.changes ?? []) {
        if (type === "remove") peers.memberRemoved(node);
        else peers.memberAdded(node, event.change?.context ?? new Uint8Array(0));
      }
      return;
    case "member-catching-up": {
      const { node, round, match, lastIndex } = event;
      logger.info({ node, round, match, lastIndex }, "a new manager gets the log");
      return;
    }
    case "restored":
      logger.info({ index: event.index }, "the state was replaced by a snapshot from the leader");
      return;
    case "removed":
      leadership.end();
      options.onEnded("removed");
      return;
    case "failed":
      leadership.end();
      logger.error({ error: messageOf(event.error) }, "raft failed");
      options.onEnded({ error: event.error });
  }
}

function announce(dispatcher: Dispatcher, logger: Logger): void {
  dispatcher.announce().catch((error: unknown) => {
    logger.debug({ error: messageOf(error) }, "sessions could not be announced to the leader");
  });
}
