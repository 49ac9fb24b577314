import type { SnapshotMetadata } from "@waggle/raft-core";
import type { Vfs, VfsFile } from "../vfs/vfs.ts";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { readSource } from "../../internal/snapshot-source.ts";
import { temporaryName } from "../names.ts";
import { writeFully } from "../vfs/vfs.ts";
import { dataOffsetOf, encodeSnapshotHead } from "./format.ts";

/** A snapshot to be written, until `closing` aborts. */
export interface SnapshotSource {
  readonly metadata: SnapshotMetadata;
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly closing: AbortSignal;
}

/**
 * Streams a snapshot into a temporary file and syncs it; resolves with the file's name. On an error the file is removed.
 * @throws RaftStoreError `snapshot-source`, `closed`; what the file system throws passes through.
 */
export async function writeTemporarySnapshot(
  vfs: Vfs,
  directory: string,
  snapshot: SnapshotSource,
): Promise<string> {
  const name = temporaryName("snapshot", randomUUID());
  const path = join(directory, name);
  try {
    const file = await vfs.open(path, "create");
    try {
      await writeData(file, snapshot);
      await file.sync();
    } finally {
      await file.close();
    }
    return name;
  } catch (error) {
    await vfs.remove(path).catch(() => undefined);
    throw error;
  }
}

async function writeData(file: VfsFile, snapshot: SnapshotSource): Promise<void> {
  const start = dataOffsetOf(snapshot.metadata);
  let byteLength = 0;
  let crc = 0;
  for await (const chunk of readSource(snapshot.chunks, snapshot.closing)) {
    await writeFully(file, chunk, start + byteLength);
    byteLength += chunk.byteLength;
    crc = crc32(chunk, crc);
  }
  await writeFully(file, encodeSnapshotHead(snapshot.metadata, { byteLength, crc }), 0);
}
