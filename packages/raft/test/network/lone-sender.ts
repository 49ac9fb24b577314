import type { Connection } from "@waggle/transport";
import type { SnapshotMessage } from "@waggle/raft-core";
import { logIndex, nodeId, term } from "@waggle/raft-core";
import { SNAPSHOT_PROTOCOL } from "../../src/index.ts";
import { encodeHello } from "../../src/network/frames.ts";
import {
  decodeSnapshotAnswer,
  encodeSnapshotOffer,
  type SnapshotAnswer,
} from "../../src/network/snapshot-frames.ts";
import { type Cluster, hostOf } from "../cluster.ts";

/** A snapshot of entry 50 from a leader of term 90, unless told otherwise. */
export function snapshotFrom(sender: number, about: { term?: number; index?: number } = {}) {
  const confState = {
    voters: [nodeId(sender)],
    learners: [],
    votersOutgoing: [],
    learnersNext: [],
    autoLeave: false,
  };
  const metadata = { index: logIndex(about.index ?? 50), term: term(1), confState };
  return {
    from: nodeId(sender),
    to: nodeId(1),
    term: term(about.term ?? 90),
    type: "snapshot",
    snapshot: { metadata, data: new Uint8Array(0) },
  } as const satisfies SnapshotMessage;
}

/** The sender's side of one snapshot connection to node 1, by hand. */
export class LoneSender {
  readonly connection: Connection;
  readonly #cluster: Cluster;
  readonly #answers: AsyncIterator<Uint8Array>;
  isClosed = false;

  private constructor(cluster: Cluster, connection: Connection) {
    this.#cluster = cluster;
    this.connection = connection;
    this.#answers = connection.frames[Symbol.asyncIterator]();
    void connection.closed.then(() => (this.isClosed = true));
  }

  static async offer(
    cluster: Cluster,
    message: SnapshotMessage,
    byteLength: number,
  ): Promise<LoneSender> {
    const transport = cluster.network.transport(hostOf(message.from));
    const target = { host: hostOf(1), port: 7_000 };
    const connection = await transport.dial(target, { protocol: SNAPSHOT_PROTOCOL });
    const sender = new LoneSender(cluster, connection);
    await sender.send(encodeHello({ from: message.from, to: message.to }));
    await sender.send(encodeSnapshotOffer({ byteLength, message }));
    return sender;
  }

  async send(frame: Uint8Array): Promise<void> {
    await this.connection.send(frame);
  }

  /** What the member says next; undefined when it hangs up. */
  answer(): Promise<SnapshotAnswer | undefined> {
    const next = this.#answers.next().then(
      ({ done, value }) => (done === true ? undefined : decodeSnapshotAnswer(value)),
      () => undefined,
    );
    return this.#cluster.finish(next);
  }
}
