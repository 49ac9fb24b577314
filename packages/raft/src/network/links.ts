import type { LinkPorts } from "./peer-link.ts";
import type { Message, NodeId } from "@waggle/raft-core";
import { PeerLink } from "./peer-link.ts";

/** The outgoing side of the network: one link per peer, made when the first message to it is sent. */
export class PeerLinks {
  readonly #ports: LinkPorts;
  readonly #links = new Map<NodeId, PeerLink>();
  /** To former members; what still waits there may leave. */
  readonly #closing = new Set<PeerLink>();

  constructor(ports: LinkPorts) {
    this.#ports = ports;
  }

  get queuedBytes(): number {
    return this.#links.values().reduce((sum, link) => sum + link.queuedBytes, 0);
  }

  get connected(): readonly NodeId[] {
    return [...this.#links.values().filter(({ connected }) => connected)].map(({ peer }) => peer);
  }

  send(message: Message): void {
    let link = this.#links.get(message.to);
    if (link === undefined) {
      link = new PeerLink(message.to, this.#ports);
      this.#links.set(message.to, link);
    }
    link.send(message);
  }

  wake(peer: NodeId): void {
    this.#links.get(peer)?.wake();
  }

  /** Closes the links to all others. */
  keep(members: ReadonlySet<NodeId>): void {
    for (const [peer, link] of this.#links) {
      if (members.has(peer)) continue;
      this.#links.delete(peer);
      this.#closing.add(link);
      void link.close().then(() => this.#closing.delete(link));
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
    return [...this.#links.values(), ...this.#closing];
  }
}
