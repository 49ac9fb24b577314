import { isTransportError, TransportError } from "../errors.ts";
import type { Connection } from "../transport.ts";
import type { ComplianceCase } from "./case.ts";
import {
  complianceCase,
  connectPair,
  expect,
  expectRejection,
  nextFrame,
  pattern,
  sameBytes,
  within,
} from "./case.ts";

const lifecycleCases: readonly ComplianceCase[] = [
  complianceCase("close lets queued frames leave, and ends both sides cleanly", async (network) => {
    const { near, far } = await connectPair(network);
    const frames = Array.from({ length: 20 }, (_, at) => pattern(at, 100));
    await Promise.all(frames.map((frame) => near.send(frame)));
    await within(near.close(), "the close");
    for (const frame of frames) expect(sameBytes(await nextFrame(far), frame), "a frame was lost");
    expect((await nextFrame(far)) === undefined, "the frames end after a clean close");
    expect((await within(near.closed, "closed")) === undefined, "the near side closed cleanly");
    expect((await within(far.closed, "closed")) === undefined, "the far side closed cleanly");
    await within(near.close(), "the second close");
    near.destroy();
  }),
  complianceCase("send after close is refused with closed, on both sides", async (network) => {
    const { near, far } = await connectPair(network);
    await near.close();
    await expectRejection(near.send(pattern(1, 1)), "closed");
    await within(far.closed, "closed");
    await expectRejection(far.send(pattern(1, 1)), "closed");
  }),
  complianceCase(
    "destroy breaks the other side and gives its reason on this one",
    async (network) => {
      const { near, far } = await connectPair(network);
      const reason = new TransportError("protocol", "nonsense");
      near.destroy(reason);
      expect((await within(near.closed, "closed")) === reason, "closed settles with the reason");
      await expectRejection(nextFrame(near), "protocol");
      await expectRejection(near.send(pattern(1, 1)), "protocol");
      expect((await within(far.closed, "closed"))?.code === "broken", "the far side is broken");
      await expectRejection(nextFrame(far), "broken");
      await expectRejection(far.send(pattern(1, 1)), "broken");
    },
  ),
  complianceCase("destroy without a reason is aborted", async (network) => {
    const { near } = await connectPair(network);
    near.destroy();
    expect((await within(near.closed, "closed"))?.code === "aborted", "the code is aborted");
  }),
  complianceCase(
    "closing a transport closes its connections and refuses the next",
    async (network) => {
      const { near, far, address } = await connectPair(network);
      await within(network.right.close(), "the close of the transport");
      await within(near.closed, "closed");
      await within(far.closed, "closed");
      await expectRejection(network.right.dial(address, { protocol: "test/1" }), "closed");
      await expectRejection(network.left.dial(address, { protocol: "test/1" }), "refused");
    },
  ),
  complianceCase("closing a listener frees its port and keeps its connections", async (network) => {
    const accepted = Promise.withResolvers<Connection>();
    const { right, left } = network;
    const onConnection = accepted.resolve;
    const listener = await right.listen({ address: network.rightAddress, onConnection });
    const near = await left.dial(listener.address, { protocol: "test/1" });
    await accepted.promise;
    await within(listener.close(), "the close of the listener");
    await expectRejection(left.dial(listener.address, { protocol: "test/1" }), "refused");
    const again = await right.listen({ address: listener.address, onConnection: () => undefined });
    expect(again.address.port === listener.address.port, "the port is free again");
    await near.send(pattern(3, 3));
    expect(sameBytes(await nextFrame(await accepted.promise), pattern(3, 3)), "it still works");
  }),
];

const dialCases: readonly ComplianceCase[] = [
  complianceCase("dial fails with refused where nobody listens", async (network) => {
    const listener = await network.right.listen({
      address: network.rightAddress,
      onConnection: () => undefined,
    });
    await listener.close();
    await expectRejection(network.left.dial(listener.address, { protocol: "test/1" }), "refused");
  }),
  complianceCase("dial obeys its signal", async (network) => {
    const { address } = await connectPair(network);
    const protocol = "test/1";
    const early = AbortSignal.abort();
    await expectRejection(network.left.dial(address, { protocol, signal: early }), "aborted");
    const late = new AbortController();
    const dial = network.left.dial(address, { protocol, signal: late.signal });
    late.abort();
    await expectRejection(dial, "aborted");
  }),
  complianceCase("dial refuses what is no protocol name", async (network) => {
    const { address } = await connectPair(network);
    for (const protocol of ["", "raft", "Raft/1", "raft/one", `${"x".repeat(80)}/1`]) {
      await expectRejection(network.left.dial(address, { protocol }), "invalid-argument");
    }
  }),
  complianceCase("an onConnection that throws costs that connection only", async (network) => {
    let calls = 0;
    const accepted = Promise.withResolvers<Connection>();
    const listener = await network.right.listen({
      address: network.rightAddress,
      onConnection: (connection) => {
        calls += 1;
        if (calls === 1) throw new TransportError("protocol", "not this one");
        accepted.resolve(connection);
      },
    });
    const first = await network.left
      .dial(listener.address, { protocol: "test/1" })
      .catch((error: unknown) => error);
    if (!isTransportError(first)) {
      const error = await within((first as Connection).closed, "closed");
      expect(error !== undefined, "the first connection is cut");
    }
    const second = await network.left.dial(listener.address, { protocol: "test/1" });
    await second.send(pattern(2, 2));
    expect(sameBytes(await nextFrame(await accepted.promise), pattern(2, 2)), "the second works");
  }),
  complianceCase("a port is given once", async (network) => {
    const { right } = network;
    const onConnection = (): void => undefined;
    const listener = await right.listen({ address: network.rightAddress, onConnection });
    expect(listener.address.port > 0, "port 0 became a real port");
    await expectRejection(
      right.listen({ address: listener.address, onConnection }),
      "address-in-use",
    );
  }),
];

/** What every transport's connections do. */
export const streamCases: readonly ComplianceCase[] = [
  complianceCase("frames arrive whole and in order, both ways", async (network) => {
    const { near, far } = await connectPair(network, "raft/1");
    expect(near.protocol === "raft/1" && far.protocol === "raft/1", "both sides know the protocol");
    const frames = Array.from({ length: 300 }, (_, at) => pattern(at, (at * 37) % 2000));
    const sendAll = async (connection: Connection): Promise<void> => {
      for (const frame of frames) await connection.send(frame);
    };
    const receiveAll = async (connection: Connection): Promise<void> => {
      for (const [at, frame] of frames.entries()) {
        expect(sameBytes(await nextFrame(connection), frame), `frame ${at} arrived as it was sent`);
      }
    };
    await Promise.all([sendAll(near), sendAll(far), receiveAll(near), receiveAll(far)]);
  }),
  complianceCase("an empty frame is a frame", async (network) => {
    const { near, far } = await connectPair(network);
    await near.send(new Uint8Array(0));
    await near.send(pattern(1, 1));
    expect((await nextFrame(far))?.length === 0, "the empty frame arrived");
    expect((await nextFrame(far))?.length === 1, "and the next one after it");
  }),
  complianceCase("the listener may speak first", async (network) => {
    const listener = await network.right.listen({
      address: network.rightAddress,
      onConnection: (connection) => void connection.send(pattern(9, 9)),
    });
    const near = await network.left.dial(listener.address, { protocol: "test/1" });
    expect(sameBytes(await nextFrame(near), pattern(9, 9)), "its frame arrived");
  }),
  complianceCase("a loop over frames can be left and taken up again", async (network) => {
    const { near, far } = await connectPair(network);
    for (const seed of [1, 2, 3]) await near.send(pattern(seed, 10));
    await near.close();
    for await (const frame of far.frames) {
      expect(sameBytes(frame, pattern(1, 10)), "the first frame");
      break;
    }
    let seed = 2;
    for await (const frame of far.frames) expect(sameBytes(frame, pattern(seed++, 10)), "the rest");
    expect(seed === 4, "all frames were seen");
  }),
  complianceCase("connections do not mix", async (network) => {
    const accepted: Connection[] = [];
    const listener = await network.right.listen({
      address: network.rightAddress,
      onConnection: (connection) => {
        accepted.push(connection);
        void (async () => {
          for await (const frame of connection.frames) await connection.send(frame);
        })().catch(() => undefined);
      },
    });
    const dials = Array.from({ length: 8 }, (_, at) =>
      network.left.dial(listener.address, { protocol: `echo-${at}/1` }),
    );
    const connections = await within(Promise.all(dials), "the dials");
    await Promise.all(connections.map((each, at) => each.send(pattern(at, 500))));
    for (const [at, each] of connections.entries()) {
      expect(sameBytes(await nextFrame(each), pattern(at, 500)), "each got its own frame back");
    }
    const names = new Set(accepted.map(({ protocol }) => protocol));
    expect(names.size === 8, "each was accepted with its own protocol");
  }),
  ...dialCases,
  ...lifecycleCases,
];
