import { describe, expect, it } from "vitest";
import { createMemoryStore } from "../../src/memory/index.ts";
import { chunksOf, entriesOf, entryAt, metadataAt, refuses } from "../../src/testing/case.ts";
import { complianceCases } from "../../src/testing/index.ts";

describe("memory store", () => {
  for (const testCase of complianceCases) {
    if (!testCase.needsReopen)
      it(testCase.name, () => testCase.run({ open: () => Promise.resolve(createMemoryStore()) }));
  }

  it("refuses what exceeds its limit as a full disk would, and goes on", async () => {
    const store = createMemoryStore({ bytesMax: 100 });
    await store.append({ entries: entriesOf(1, 5), sync: true });
    await refuses("disk-full", store.append({ entries: entriesOf(6, 7), sync: true }));
    await store.append({ entries: [entryAt(6)], sync: true });
    const snapshot = store.saveSnapshot(metadataAt(5), chunksOf(1, [60, 60]), {
      truncateLog: false,
    });
    await refuses("disk-full", snapshot);
  });

  it("fails for good when the injected fault throws", async () => {
    let faulty = false;
    const store = createMemoryStore({
      beforeAppend: () => {
        if (faulty) throw new RangeError("on purpose");
      },
    });
    await store.append({ entries: [entryAt(1)], sync: true });
    faulty = true;
    await refuses("failed", store.append({ entries: [entryAt(2)], sync: true }));
    faulty = false;
    await refuses("failed", store.append({ entries: [entryAt(2)], sync: true }));
  });

  it("starts from what it is given", async () => {
    const initial = { hardState: undefined, snapshot: metadataAt(3), entries: entriesOf(4, 5) };
    const store = createMemoryStore({ initial, initialSnapshot: new Uint8Array([1, 2]) });
    expect(store.initial()).toEqual(initial);
    expect((await store.openSnapshot())?.byteLength).toBe(2);
    await store.append({ entries: [entryAt(6)], sync: true });
  });
});
