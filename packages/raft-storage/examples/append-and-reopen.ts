// Appends entries, closes the store, and finds them again. Run it with
//
//     node --conditions=@waggle/source examples/append-and-reopen.ts
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logIndex, nodeId, term } from "@waggle/raft-core";
import { openFileStore } from "@waggle/raft-storage/file";

const directory = await mkdtemp(join(tmpdir(), "waggle-raft-storage-"));

const store = await openFileStore({ directory });
await store.append({
  hardState: { term: term(1), vote: nodeId(1), commit: logIndex(0) },
  entries: ["one", "two", "three"].map((word, at) => ({
    kind: "normal",
    term: term(1),
    index: logIndex(at + 1),
    data: new TextEncoder().encode(word),
  })),
  sync: true,
});
await store.close();

const reopened = await openFileStore({ directory });
for (const { index, data } of reopened.initial().entries) {
  console.log(`${index}: ${new TextDecoder().decode(data)}`);
}
await reopened.close();
await rm(directory, { recursive: true });
