import type { PeerStatus } from "@waggle/raft-core";
import { logIndex, nodeId } from "@waggle/raft-core";
import { describe, expect, it } from "vitest";
import { LOG_HOLD_BYTES_MAX } from "../../src/limits.ts";
import { LogHold } from "../../src/replica/log-hold.ts";

function peer(about: Partial<PeerStatus>): PeerStatus {
  return {
    id: nodeId(2),
    match: logIndex(0),
    next: logIndex(about.match === undefined ? 1 : about.match + 1),
    state: "replicate",
    recentlyActive: true,
    learner: false,
    paused: false,
    pendingSnapshot: logIndex(0),
    inflightAppends: 0,
    inflightFull: false,
    ...about,
  };
}

/** What a hold says that has seen snapshots at these indexes, so many bytes before each. */
function through(
  snapshots: readonly (readonly [index: number, bytes: number])[],
  behind: readonly PeerStatus[],
  firstIndex = 1,
) {
  const hold = new LogHold();
  for (const [index, bytes] of snapshots) {
    hold.applied(0, bytes);
    hold.mark(index);
  }
  const wanted = snapshots.at(-1)![0];
  return hold.through(wanted, { firstIndex: logIndex(firstIndex), behind });
}

describe("the hold on the log", () => {
  const snapshots = [
    [10, 1_000],
    [20, 1_000],
    [30, 1_000],
  ] as const;

  it("keeps what the furthest behind of the living needs next", () => {
    expect(through(snapshots, [])).toBe(30);
    expect(through(snapshots, [peer({ match: logIndex(30) })])).toBe(30);
    const two = [peer({ match: logIndex(25) }), peer({ match: logIndex(12) })];
    expect(through(snapshots, two)).toBe(12);
  });

  it("keeps what comes after a snapshot on its way, and after the one that arrived", () => {
    const state = "snapshot" as const;
    expect(through(snapshots, [peer({ state, pendingSnapshot: logIndex(20) })])).toBe(20);
    expect(through(snapshots, [peer({ state: "probe", next: logIndex(21) })])).toBe(20);
  });

  it("keeps nothing for whom the log does not reach any more", () => {
    expect(through(snapshots, [peer({ match: logIndex(9) })], 11)).toBe(30);
    expect(through(snapshots, [peer({ match: logIndex(10) })], 11)).toBe(10);
  });

  it("ends above the limit, for those who are that far behind only", () => {
    const large = [
      [10, 5],
      [20, LOG_HOLD_BYTES_MAX],
      [30, 5],
    ] as const;
    expect(through(large, [peer({ match: logIndex(15) })])).toBe(30);
    const both = [peer({ match: logIndex(15) }), peer({ match: logIndex(20) })];
    expect(through(large, both)).toBe(20);
    const hold = new LogHold();
    hold.applied(LOG_HOLD_BYTES_MAX / 32, 0);
    const behind = [peer({ match: logIndex(3) })];
    expect(hold.through(9, { firstIndex: logIndex(1), behind })).toBe(9);
  });

  it("weighs what is left after the log was cut", () => {
    const hold = new LogHold();
    const behind = [peer({ match: logIndex(20) })];
    for (const index of [10, 20, 30]) {
      hold.applied(0, LOG_HOLD_BYTES_MAX);
      hold.mark(index);
      if (index > 20) continue;
      expect(hold.through(index, { firstIndex: logIndex(1), behind })).toBe(index);
    }
    expect(hold.through(30, { firstIndex: logIndex(20), behind })).toBe(20);
    hold.applied(1, 0);
    expect(hold.through(30, { firstIndex: logIndex(21), behind })).toBe(30);
  });
});
