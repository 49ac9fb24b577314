import type { ComplianceCase, StoreUnderTest } from "./case.ts";
import type { HardState } from "@waggle/raft-core";
import type { RaftStore } from "../store.ts";
import { logIndex, nodeId, term } from "@waggle/raft-core";
import { assert } from "../internal/assert.ts";
import { crc32 } from "../internal/crc32.ts";
import { chunksOf, entriesOf, entryAt, holds, metadataAt, refuses, snapshotBytes } from "./case.ts";

const hardState: HardState = { term: term(3), vote: nodeId(2), commit: logIndex(5) };
const local = { truncateLog: false };
const received = { truncateLog: true };

type Step = (store: RaftStore) => Promise<void>;

/** A case that works on one open store. */
function onOpen(name: string, step: Step): ComplianceCase {
  const run = async (subject: StoreUnderTest): Promise<void> => {
    const store = await subject.open();
    try {
      await step(store);
    } finally {
      await store.close();
    }
  };
  return { name, needsReopen: false, run };
}

/** A case that looks at what a second store finds. */
function onReopen(name: string, before: Step, after: Step): ComplianceCase {
  const run = async (subject: StoreUnderTest): Promise<void> => {
    const first = await subject.open();
    await before(first);
    assert(subject.reopen !== undefined, "this case needs a store that can be opened again");
    const second = await subject.reopen(first);
    try {
      await after(second);
    } finally {
      await second.close();
    }
  };
  return { name, needsReopen: true, run };
}

/** A snapshot of 700 bytes as another member sends it, and its end. */
const sent = new Uint8Array(700).fill(9);
const digest = { byteLength: sent.byteLength, crc32: crc32(sent) };

/** Every case, to be run one by one; those with `needsReopen` only where the subject has `reopen`. */
export const complianceCases: readonly ComplianceCase[] = [
  onOpen("is empty when new", async (store) => {
    const { hardState: found, snapshot, entries } = store.initial();
    assert(found === undefined && snapshot === undefined, "a new store knows nothing");
    assert(entries.length === 0, "a new store has no entries");
    assert((await store.openSnapshot()) === undefined, "a new store has no snapshot");
  }),
  onOpen("refuses a gap and changes nothing", async (store) => {
    await store.append({ entries: entriesOf(1, 3), sync: true });
    await refuses("gap", store.append({ entries: [entryAt(5)], sync: true }));
    await refuses("gap", store.append({ entries: [entryAt(4), entryAt(6)], sync: true }));
    await store.append({ entries: [entryAt(4)], sync: true });
  }),
  onOpen("refuses what follows a refused batch", async (store) => {
    const calls = [
      store.append({ entries: entriesOf(1, 2), sync: true }),
      refuses("gap", store.append({ entries: [entryAt(4)], sync: true })),
      refuses("gap", store.append({ entries: [entryAt(5)], sync: true })),
      store.append({ entries: [entryAt(3)], sync: true }),
    ];
    await Promise.all(calls);
  }),
  onOpen("refuses entries that a snapshot covers", async (store) => {
    await store.append({ entries: entriesOf(1, 5), sync: true });
    await store.saveSnapshot(metadataAt(3), chunksOf(1, [10]), local);
    await refuses("compacted", store.append({ entries: entriesOf(3, 6), sync: true }));
    await store.append({ entries: entriesOf(4, 6, 2), sync: true });
  }),
  onOpen("refuses an older snapshot", async (store) => {
    await store.saveSnapshot(metadataAt(9), chunksOf(1, [10]), received);
    await refuses("stale-snapshot", store.saveSnapshot(metadataAt(8), chunksOf(2, [9]), received));
    await refuses("stale-snapshot", store.saveSnapshot(metadataAt(8), chunksOf(2, [9]), local));
    const bytes = await snapshotBytes(store);
    assert(bytes?.join() === new Uint8Array(10).fill(1).join(), "the newer snapshot stays");
  }),
  onOpen("refuses its own snapshot beyond the log", async (store) => {
    await store.append({ entries: entriesOf(1, 2), sync: true });
    await refuses("gap", store.saveSnapshot(metadataAt(3), chunksOf(1, [1]), local));
  }),
  onOpen("refuses to compact beyond the snapshot", async (store) => {
    await store.append({ entries: entriesOf(1, 9), sync: true });
    await refuses("compacted", store.compact(logIndex(1)));
    await store.saveSnapshot(metadataAt(5), chunksOf(1, [1]), local);
    await refuses("compacted", store.compact(logIndex(6)));
    await store.compact(logIndex(5));
  }),
  onOpen("keeps the present snapshot when the new one's source fails", async (store) => {
    await store.append({ entries: entriesOf(1, 9), sync: true });
    await store.saveSnapshot(metadataAt(2), chunksOf(5, [3]), local);
    await refuses("snapshot-source", store.saveSnapshot(metadataAt(4), broken(), local));
    await refuses("snapshot-source", store.saveSnapshot(metadataAt(20), broken(), received));
    assert((await snapshotBytes(store))?.join() === "5,5,5", "the old snapshot stays");
    await store.append({ entries: [entryAt(10)], sync: true });
  }),
  onOpen("hands out a snapshot while a newer one is saved", async (store) => {
    await store.append({ entries: entriesOf(1, 9), sync: true });
    await store.saveSnapshot(metadataAt(2), chunksOf(5, [4]), local);
    const reader = await store.openSnapshot();
    await store.saveSnapshot(metadataAt(4), chunksOf(6, [5]), local);
    let bytes = "";
    for await (const chunk of reader?.chunks() ?? []) bytes += chunk.join();
    await reader?.close();
    assert(bytes === "5,5,5,5" && reader?.metadata.index === 2, "the reader keeps its snapshot");
    assert((await snapshotBytes(store))?.byteLength === 5, "the newer one is there");
  }),
  onOpen("appends while its own snapshot is written", async (store) => {
    await store.append({ entries: entriesOf(1, 4), sync: true });
    let release: (() => void) | undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const saved = store.saveSnapshot(metadataAt(3), gated(gate), local);
    await store.append({ entries: entriesOf(5, 6), sync: true });
    release?.();
    await saved;
  }),
  onOpen("takes its own snapshot of entries that are still queued", async (store) => {
    const appended = store.append({ entries: entriesOf(1, 4), sync: true });
    await store.saveSnapshot(metadataAt(3), chunksOf(1, [10]), local);
    await appended;
  }),
  onOpen("gives up, when closed, snapshots whose source has more to come", async (store) => {
    await store.append({ entries: entriesOf(1, 4), sync: true });
    const never = new Promise<void>(() => undefined);
    const given = [
      refuses("closed", store.saveSnapshot(metadataAt(3), gated(never), local)),
      refuses("closed", store.saveSnapshot(metadataAt(9), gated(never), received)),
    ];
    await store.close();
    await Promise.all(given);
  }),
  onOpen("installs a staged snapshot, and nothing before", async (store) => {
    await store.append({ entries: entriesOf(1, 9), sync: true });
    await refuses("not-staged", store.installSnapshot(metadataAt(20)));
    const stage = await store.stageSnapshot(metadataAt(20), "a");
    await stage.write(sent.subarray(0, 300));
    await stage.write(sent.subarray(300));
    await refuses("not-staged", store.installSnapshot(metadataAt(20)));
    await stage.complete(digest);
    await stage.complete(digest);
    await refuses("invalid-argument", stage.write(sent));
    assert((await store.openSnapshot()) === undefined, "a staged snapshot counts for nothing");
    await store.append({ entries: [entryAt(10)], sync: true });
    await refuses("not-staged", store.installSnapshot(metadataAt(20, 2)));
    await store.installSnapshot(metadataAt(20));
    assert((await snapshotBytes(store))?.join() === sent.join(), "its bytes are those sent");
    await refuses("not-staged", store.installSnapshot(metadataAt(20)));
    await store.append({ entries: [entryAt(21)], sync: true });
  }),
  onOpen("goes on with a staged snapshot of the same identity only", async (store) => {
    const first = await store.stageSnapshot(metadataAt(20), "a");
    await first.write(sent.subarray(0, 300));
    const resumed = await store.stageSnapshot(metadataAt(20), "a");
    assert(resumed.byteLength === 300, "what came before is still there");
    await refuses("superseded", first.write(sent.subarray(300)));
    await first.abort();
    await resumed.write(sent.subarray(300));
    await resumed.complete(digest);
    const again = await store.stageSnapshot(metadataAt(20), "a");
    assert(again.byteLength === 700, "a complete one is resumed at its end");
    const other = await store.stageSnapshot(metadataAt(20), "b");
    assert(other.byteLength === 0, "another identity begins anew");
    const newer = await store.stageSnapshot(metadataAt(21), "b");
    assert(newer.byteLength === 0, "so does another snapshot");
    await refuses("superseded", other.write(sent));
    await newer.abort();
    await refuses("superseded", newer.write(sent));
    await store.installSnapshot(metadataAt(20));
  }),
  onOpen("gives up a staged snapshot that arrives otherwise than it was sent", async (store) => {
    for (const wrong of [{ byteLength: 701 }, { crc32: digest.crc32 ^ 1 }]) {
      const stage = await store.stageSnapshot(metadataAt(20), "a");
      assert(stage.byteLength === 0, "it begins anew");
      await stage.write(sent);
      await refuses("checksum", stage.complete({ ...digest, ...wrong }));
      await refuses("superseded", stage.complete(digest));
    }
    await refuses("not-staged", store.installSnapshot(metadataAt(20)));
  }),
  onOpen("refuses to stage or install an older snapshot", async (store) => {
    const stage = await store.stageSnapshot(metadataAt(8), "a");
    await stage.write(sent);
    await stage.complete(digest);
    await store.saveSnapshot(metadataAt(9), chunksOf(1, [10]), received);
    await refuses("stale-snapshot", store.installSnapshot(metadataAt(8)));
    await refuses("stale-snapshot", store.stageSnapshot(metadataAt(8), "a"));
    await refuses("invalid-argument", store.stageSnapshot(metadataAt(10), ""));
  }),
  onOpen("refuses everything once closed", async (store) => {
    await store.close();
    await refuses("closed", store.append({ entries: [entryAt(1)], sync: true }));
    await refuses("closed", store.saveSnapshot(metadataAt(1), chunksOf(1, [1]), received));
    await refuses("closed", store.openSnapshot());
    await refuses("closed", store.stageSnapshot(metadataAt(1), "a"));
    await refuses("closed", store.installSnapshot(metadataAt(1)));
    await refuses("closed", store.compact(logIndex(0)));
    await store.close();
  }),
  onReopen(
    "finds hard state and entries again",
    async (store) => {
      await store.append({ hardState, entries: entriesOf(1, 5), sync: true });
      await store.append({ entries: [{ ...entryAt(6), kind: "conf-change-v2" }], sync: true });
      await store.append({
        entries: [{ ...entryAt(7), data: new Uint8Array(0), kind: "conf-change" }],
        sync: true,
      });
    },
    async (store) => {
      const state = store.initial();
      assert(
        JSON.stringify(state.hardState) === JSON.stringify(hardState),
        "the hard state is back",
      );
      const expected = [
        ...entriesOf(1, 5),
        { ...entryAt(6), kind: "conf-change-v2" as const },
        { ...entryAt(7), data: new Uint8Array(0), kind: "conf-change" as const },
      ];
      holds(state, expected);
      await store.append({ entries: [entryAt(8)], sync: true });
    },
  ),
  onReopen(
    "lets later entries replace a conflicting suffix",
    async (store) => {
      await store.append({ entries: entriesOf(1, 9), sync: true });
      await store.append({ entries: entriesOf(4, 6, 2), sync: true });
    },
    async (store) => {
      holds(store.initial(), [...entriesOf(1, 3), ...entriesOf(4, 6, 2)]);
      await refuses("gap", store.append({ entries: [entryAt(8)], sync: true }));
    },
  ),
  onReopen(
    "keeps batches that were queued together",
    async (store) => {
      const calls = Array.from({ length: 200 }, (_, at) =>
        store.append({ entries: [entryAt(at + 1)], sync: at % 3 === 0 }),
      );
      await Promise.all(calls);
    },
    (store) => {
      holds(store.initial(), entriesOf(1, 200));
      return Promise.resolve();
    },
  ),
  onReopen(
    "finds its own snapshot, and the log after it",
    async (store) => {
      await store.append({ hardState, entries: entriesOf(1, 9), sync: true });
      await store.saveSnapshot(metadataAt(6), chunksOf(7, [300_000, 0, 5, 300_000]), local);
      await store.compact(logIndex(4));
    },
    async (store) => {
      const state = store.initial();
      assert(JSON.stringify(state.snapshot) === JSON.stringify(metadataAt(6)), "metadata is back");
      assert((state.entries[0]?.index ?? 0) <= 7, "no hole between snapshot and log");
      holds(state, entriesOf(7, 9));
      const bytes = await snapshotBytes(store);
      assert(bytes?.byteLength === 600_005, "the snapshot's bytes are back");
      assert(
        bytes.every((byte) => byte === 7),
        "the snapshot's bytes are unchanged",
      );
    },
  ),
  onReopen(
    "replaces the log by a received snapshot",
    async (store) => {
      await store.append({ hardState, entries: entriesOf(1, 9), sync: true });
      const saved = store.saveSnapshot(metadataAt(20, 3), chunksOf(8, [100]), received);
      const appended = store.append({ entries: entriesOf(21, 22, 3), sync: true });
      await Promise.all([saved, appended]);
    },
    async (store) => {
      const state = store.initial();
      assert(state.snapshot?.index === 20, "the snapshot is in force");
      assert(state.entries[0]?.index === 21, "nothing of the old log is left");
      holds(state, entriesOf(21, 22, 3));
      assert(JSON.stringify(state.hardState) === JSON.stringify(hardState), "hard state stays");
      assert((await snapshotBytes(store))?.byteLength === 100, "its bytes are there");
    },
  ),
  onReopen(
    "replaces the log by a staged snapshot, and forgets what was not installed",
    async (store) => {
      await store.append({ hardState, entries: entriesOf(1, 9), sync: true });
      const stage = await store.stageSnapshot(metadataAt(20, 3), "a");
      await stage.write(sent);
      await stage.complete(digest);
      const installed = store.installSnapshot(metadataAt(20, 3));
      const appended = store.append({ entries: entriesOf(21, 22, 3), sync: true });
      await Promise.all([installed, appended]);
      const unfinished = await store.stageSnapshot(metadataAt(30, 3), "b");
      await unfinished.write(sent);
    },
    async (store) => {
      holds(store.initial(), entriesOf(21, 22, 3));
      assert(store.initial().snapshot?.index === 20, "the snapshot is in force");
      assert((await snapshotBytes(store))?.join() === sent.join(), "its bytes are those sent");
      const stage = await store.stageSnapshot(metadataAt(30, 3), "b");
      assert(stage.byteLength === 0, "an unfinished one does not outlive its store");
    },
  ),
  onReopen(
    "starts from a received snapshot without any log",
    (store) => store.saveSnapshot(metadataAt(20, 3), chunksOf(8, []), received),
    async (store) => {
      assert(store.initial().snapshot?.index === 20, "the snapshot is in force");
      assert((await snapshotBytes(store))?.byteLength === 0, "an empty snapshot is one");
      await store.append({ entries: [entryAt(21, 3)], sync: true });
    },
  ),
];

async function* broken(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(10);
  await Promise.reject(new RangeError("the source fails on purpose"));
}

async function* gated(gate: Promise<void>): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(10);
  await gate;
  yield new Uint8Array(10);
}
