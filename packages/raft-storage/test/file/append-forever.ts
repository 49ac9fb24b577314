// Appends entries to the store in the given directory and prints each index once it is durable, until it is killed. When
// nobody does, it ends by itself.
import { logIndex, nodeId, term } from "@waggle/raft-core";
import { openFileStore } from "../../src/file/index.ts";

const store = await openFileStore({ directory: process.argv[2]!, segmentBytes: 65_536 });
let index = store.initial().entries.length;
for (let round = 0; round < 5_000; round += 1) {
  const batch = Array.from({ length: 4 }, () => {
    index += 1;
    const data = new Uint8Array(300).fill(index % 251);
    const entry = { kind: "normal" as const, term: term(1), index: logIndex(index), data };
    const hardState = { term: term(1), vote: nodeId(1), commit: logIndex(index) };
    return store.append({ entries: [entry], hardState, sync: true });
  });
  await Promise.all(batch);
  process.stdout.write(`${index}\n`);
}
