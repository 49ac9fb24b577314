import type { Message } from "@waggle/raft-core";
import type { PeerConnection } from "../../src/index.ts";
import { logIndex, nodeId, term } from "@waggle/raft-core";
import { describe, expect, it } from "vitest";
import { PeerLinks } from "../../src/network/links.ts";
import { VirtualClock } from "../virtual-clock.ts";

const me = nodeId(1);
const peer = nodeId(2);
const heartbeat: Message = {
  from: me,
  to: peer,
  term: term(1),
  type: "heartbeat",
  commit: logIndex(0),
  context: new Uint8Array(0),
};

/** A connection whose peer takes each frame only when told to. */
class SlowConnection implements PeerConnection {
  readonly protocol = "raft/1";
  readonly seen: string[] = [];
  readonly #gone = Promise.withResolvers<undefined>();
  readonly closed = this.#gone.promise;
  readonly frames = endless(this.closed);
  #takes: (() => void)[] = [];

  send(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#takes.push(resolve);
      void this.closed.then(() => reject(new RangeError("cut")));
    });
  }

  get waiting(): number {
    return this.#takes.length;
  }

  take(): void {
    this.seen.push("taken");
    this.#takes.shift()!();
  }

  close(): Promise<void> {
    this.seen.push("closed");
    return Promise.resolve();
  }

  destroy(): void {
    this.seen.push("destroyed");
    this.#gone.resolve(undefined);
  }
}

async function* endless(end: Promise<undefined>): AsyncGenerator<Uint8Array> {
  await end;
}

function linksOver(dial: () => SlowConnection): PeerLinks {
  const logger = { debug: () => 0, info: () => 0, warn: () => 0, error: () => 0 };
  const options = {
    id: me,
    dial: () => Promise.resolve(dial()),
    clock: new VirtualClock(),
    random: () => 0,
    logger,
  };
  return new PeerLinks({ options, onUnreachable: () => undefined });
}

async function connected(): Promise<{ links: PeerLinks; connection: SlowConnection }> {
  const connection = new SlowConnection();
  const links = linksOver(() => connection);
  links.send(heartbeat);
  await turns();
  connection.take();
  await turns();
  return { links, connection };
}

function turns(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("the links to the peers", () => {
  it("let what waits leave before they close", async () => {
    const { links, connection } = await connected();
    let closed = false;
    const closing = links.close().then(() => (closed = true));
    await turns();
    expect(closed).toBe(false);
    connection.take();
    await closing;
    expect(connection.seen).toEqual(["taken", "taken", "closed"]);
  });

  it("bring what elections and reads depend on past entries that are not taken", async () => {
    const entries = [
      { index: logIndex(1), term: term(1), kind: "normal" as const, data: new Uint8Array(999_999) },
    ];
    const append: Message = {
      from: me,
      to: peer,
      term: term(1),
      type: "append",
      index: logIndex(0),
      logTerm: term(0),
      commit: logIndex(0),
      entries,
    };
    const connections: SlowConnection[] = [];
    const links = linksOver(() => {
      connections.push(new SlowConnection());
      return connections.at(-1)!;
    });
    for (let sent = 0; sent < 100; sent += 1) links.send(append);
    await turns();
    links.send(heartbeat);
    await turns();
    const [bulk, prompt] = connections;
    // Each hello is taken; the entries are not, and the heartbeat has left all the same.
    bulk!.take();
    prompt!.take();
    await turns();
    prompt!.take();
    await turns();
    expect(prompt!.waiting).toBe(0);
    expect(bulk!.waiting).toBe(1);
    expect(links.queuedBytes).toBeGreaterThan(30_000_000);
    expect(links.connected).toEqual([peer]);
    links.destroy();
    await links.close();
  });

  it("are cut when that takes too long, those to former members too", async () => {
    const { links, connection } = await connected();
    links.keep(new Set());
    await turns();
    expect(connection.seen).toEqual(["taken"]);
    links.destroy();
    expect(connection.seen).toEqual(["taken", "destroyed"]);
    await links.close();
  });
});
