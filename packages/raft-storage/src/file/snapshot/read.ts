import type { FileCipher } from "../keys/cipher.ts";
import type { LogPlace } from "../segment/walk.ts";
import type { SnapshotHead, SnapshotSeal } from "./format.ts";
import type { SnapshotMetadata } from "@waggle/raft-core";
import type { SnapshotReader } from "../../store.ts";
import type { Vfs, VfsFile } from "../vfs/vfs.ts";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { RaftStoreError } from "../../errors.ts";
import { SNAPSHOT_CHUNK_BYTES } from "../../limits.ts";
import { snapshotName } from "../names.ts";
import { readFully } from "../vfs/vfs.ts";
import { SEAL_BYTES } from "../keys/cipher.ts";
import {
  decodeSnapshotHead,
  piecesOf,
  SNAPSHOT_HEAD_BYTES,
  SNAPSHOT_METADATA_BYTES_MAX,
  snapshotCipher,
  storedDataBytes,
} from "./format.ts";

/** What a snapshot's file says of itself, or undefined when it is not intelligible. */
export async function readSnapshotHead(vfs: Vfs, path: string): Promise<SnapshotHead | undefined> {
  const file = await vfs.open(path, "read");
  try {
    const front = await readFully(file, 0, SNAPSHOT_HEAD_BYTES + SNAPSHOT_METADATA_BYTES_MAX);
    const head = decodeSnapshotHead(front);
    return typeof head === "string" ? undefined : head;
  } finally {
    await file.close();
  }
}

/** Opens the file of a snapshot that the log names. @throws RaftStoreError `corrupt`. */
export async function openSnapshotFile(
  { vfs, directory, keys }: LogPlace,
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
    const { seal } = head;
    const pieces =
      seal &&
      readPieces(file, head, { seal, cipher: snapshotCipher(keys, path, { ...head, seal }) });
    return readerOf(file, head, pieces ?? readChunks(file, head));
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readHead(file: VfsFile): Promise<SnapshotHead> {
  const front = await readFully(file, 0, SNAPSHOT_HEAD_BYTES + SNAPSHOT_METADATA_BYTES_MAX);
  const head = decodeSnapshotHead(front);
  if (typeof head === "string") throw damaged(file, 0, head);
  if ((await file.size()) !== head.dataOffset + storedDataBytes(head.dataBytes, head.seal)) {
    throw damaged(file, 16, `the file does not hold ${head.dataBytes} bytes of data`);
  }
  return head;
}

function readerOf(
  file: VfsFile,
  head: SnapshotHead,
  chunks: AsyncIterable<Uint8Array>,
): SnapshotReader {
  let closed: Promise<void> | undefined;
  return {
    metadata: head.metadata,
    byteLength: head.dataBytes,
    chunks: () => chunks,
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

// A piece is handed out only once it is known to be genuine, and the last one only as the last.
async function* readPieces(
  file: VfsFile,
  head: SnapshotHead,
  sealed: { readonly seal: SnapshotSeal; readonly cipher: FileCipher },
): AsyncGenerator<Uint8Array> {
  const count = piecesOf(head.dataBytes, sealed.seal);
  const pieceBytes = sealed.seal.pieceBytes + SEAL_BYTES;
  const end = head.dataOffset + storedDataBytes(head.dataBytes, sealed.seal);
  for (let counter = 0; counter < count; counter += 1) {
    const offset = head.dataOffset + counter * pieceBytes;
    const stored = await readFully(file, offset, Math.min(pieceBytes, end - offset));
    const kind = counter === count - 1 ? 1 : 0;
    const plain = sealed.cipher.open({ kind, counter }, new Uint8Array(0), stored);
    if (plain === undefined) throw damaged(file, offset, "a piece is not what was sealed");
    if (plain.byteLength > 0) yield plain;
  }
}

function damaged(file: VfsFile, offset: number, message: string): RaftStoreError {
  return new RaftStoreError("corrupt", `${file.path} at ${offset}: ${message}`, {
    file: file.path,
    offset,
  });
}
