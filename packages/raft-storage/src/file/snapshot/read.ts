import type { SnapshotHead } from "./format.ts";
import type { SnapshotMetadata } from "@waggle/raft-core";
import type { SnapshotReader } from "../../store.ts";
import type { Vfs, VfsFile } from "../vfs/vfs.ts";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { RaftStoreError } from "../../errors.ts";
import { SNAPSHOT_CHUNK_BYTES } from "../../limits.ts";
import { snapshotName } from "../names.ts";
import { readFully } from "../vfs/vfs.ts";
import { decodeSnapshotHead, SNAPSHOT_HEAD_BYTES, SNAPSHOT_METADATA_BYTES_MAX } from "./format.ts";

/** When a snapshot was written, or undefined when its file does not say so intelligibly. */
export async function readTakenAtMs(vfs: Vfs, path: string): Promise<number | undefined> {
  const file = await vfs.open(path, "read");
  try {
    const front = await readFully(file, 0, SNAPSHOT_HEAD_BYTES + SNAPSHOT_METADATA_BYTES_MAX);
    const head = decodeSnapshotHead(front);
    return typeof head === "string" ? undefined : head.takenAtMs;
  } finally {
    await file.close();
  }
}

/** Opens the file of a snapshot that the log names. @throws RaftStoreError `corrupt`. */
export async function openSnapshotFile(
  vfs: Vfs,
  directory: string,
  metadata: Pick<SnapshotMetadata, "index" | "term">,
): Promise<SnapshotReader> {
  const path = join(directory, snapshotName(metadata));
  const file = await vfs.open(path, "read").catch((cause: unknown) => {
    throw new RaftStoreError("corrupt", `${path}: the log names this snapshot`, {
      file: path,
      cause,
    });
  });
  try {
    const head = await readHead(file);
    if (head.metadata.index !== metadata.index || head.metadata.term !== metadata.term) {
      throw damaged(file, SNAPSHOT_HEAD_BYTES, "the file holds another snapshot");
    }
    return readerOf(file, head);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readHead(file: VfsFile): Promise<SnapshotHead> {
  const front = await readFully(file, 0, SNAPSHOT_HEAD_BYTES + SNAPSHOT_METADATA_BYTES_MAX);
  const head = decodeSnapshotHead(front);
  if (typeof head === "string") throw damaged(file, 0, head);
  if ((await file.size()) !== head.dataOffset + head.dataBytes) {
    throw damaged(file, 16, `the file does not hold ${head.dataBytes} bytes of data`);
  }
  return head;
}

function readerOf(file: VfsFile, head: SnapshotHead): SnapshotReader {
  let closed: Promise<void> | undefined;
  return {
    metadata: head.metadata,
    byteLength: head.dataBytes,
    chunks: () => readChunks(file, head),
    close: () => (closed ??= file.close()),
  };
}

// The last chunk is handed out only once the checksum over all of them holds.
async function* readChunks(file: VfsFile, head: SnapshotHead): AsyncGenerator<Uint8Array> {
  let crc = 0;
  for (let done = 0; done < head.dataBytes;) {
    const wanted = Math.min(SNAPSHOT_CHUNK_BYTES, head.dataBytes - done);
    const chunk = await readFully(file, head.dataOffset + done, wanted);
    done += wanted;
    crc = crc32(chunk, crc);
    const atEnd = done === head.dataBytes;
    if (chunk.byteLength < wanted || (atEnd && crc !== head.dataCrc)) {
      throw damaged(file, head.dataOffset, "the data's checksum differs");
    }
    yield chunk;
  }
}

function damaged(file: VfsFile, offset: number, message: string): RaftStoreError {
  return new RaftStoreError("corrupt", `${file.path} at ${offset}: ${message}`, {
    file: file.path,
    offset,
  });
}
