import type { LinkPorts } from "./peer-link.ts";
import type { Message, NodeId } from "@waggle/raft-core";
import { type Lane, laneOf, LANES } from "./lanes.ts";
import { PeerLink } from "./peer-link.ts";

type Links = Readonly<Record<Lane, PeerLink>>;

/** The outgoing side of the network: a link per peer and lane, which connects when the first message to it is sent. */
export class PeerLinks {
  readonly #ports: LinkPorts;
  readonly #links = new Map<NodeId, Links>();
  /** To former members; what still waits there may leave. */
  readonly #closing = new Set<PeerLink>();

  constructor(ports: LinkPorts) {
    this.#ports = ports;
  }

  get queuedBytes(): number {
    return this.#links
      .values()
      .flatMap(bothOf)
      .reduce((sum, link) => sum + link.queuedBytes, 0);
  }

  /** Peers with a connection in one lane at least. */
  get connected(): readonly NodeId[] {
    const peers = [...this.#links];
    return peers
      .filter(([, links]) => bothOf(links).some(({ connected }) => connected))
      .map(([peer]) => peer);
  }

  send(message: Message): void {
    let links = this.#links.get(message.to);
    if (links === undefined) {
      links = {
        bulk: new PeerLink(message.to, this.#ports),
        prompt: new PeerLink(message.to, this.#ports),
      };
      this.#links.set(message.to, links);
    }
    links[laneOf(message)].send(message);
  }

  wake(peer: NodeId): void {
    const links = this.#links.get(peer);
    if (links === undefined) return;
    for (const link of bothOf(links)) link.wake();
  }

  /** Closes the links to all others. */
  keep(members: ReadonlySet<NodeId>): void {
    for (const [peer, links] of this.#links) {
      if (members.has(peer)) continue;
      this.#links.delete(peer);
      for (const link of bothOf(links)) {
        this.#closing.add(link);
        void link.close().then(() => this.#closing.delete(link));
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#all().map((link) => link.close()));
  }

  destroy(): void {
    for (const link of this.#all()) link.destroy();
    this.#links.clear();
  }

  #all(): readonly PeerLink[] {
    return [...this.#links.values().flatMap(bothOf), ...this.#closing];
  }
}

function bothOf(links: Links): readonly PeerLink[] {
  return LANES.map((lane) => links[lane]);
}
