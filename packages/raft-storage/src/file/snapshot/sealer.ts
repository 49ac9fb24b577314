import type { FileCipher } from "../keys/cipher.ts";
import type { KeyRing } from "../keys/key-ring.ts";
import type { SnapshotMetadata } from "@waggle/raft-core";
import { SNAPSHOT_PIECE_BYTES } from "../../limits.ts";
import { snapshotCipher, type SnapshotSeal } from "./format.ts";

const NOTHING = new Uint8Array(0);

/** Cuts a snapshot's bytes into pieces and seals them, in order. */
export class PieceSealer {
  readonly seal: SnapshotSeal;
  readonly #cipher: FileCipher;
  readonly #piece = new Uint8Array(SNAPSHOT_PIECE_BYTES);
  #filled = 0;
  #counter = 0;

  constructor(
    keys: KeyRing,
    { name, metadata }: { readonly name: string; readonly metadata: SnapshotMetadata },
  ) {
    this.seal = { key: keys.next(), pieceBytes: SNAPSHOT_PIECE_BYTES };
    this.#cipher = snapshotCipher(keys, name, { metadata, seal: this.seal });
  }

  /** The pieces that are complete with this chunk. The last one is held back, since only the end tells that it is. */
  *take(chunk: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < chunk.byteLength;) {
      if (this.#filled === this.#piece.byteLength) yield this.#sealed(0);
      const part = chunk.subarray(at, at + this.#piece.byteLength - this.#filled);
      this.#piece.set(part, this.#filled);
      this.#filled += part.byteLength;
      at += part.byteLength;
    }
  }

  /** The rest, sealed as the last piece; empty only of an empty snapshot. */
  last(): Uint8Array {
    return this.#sealed(1);
  }

  #sealed(kind: 0 | 1): Uint8Array {
    const piece = { kind, counter: this.#counter };
    this.#counter += 1;
    const plain = this.#piece.subarray(0, this.#filled);
    this.#filled = 0;
    return this.#cipher.seal(piece, NOTHING, plain);
  }
}
