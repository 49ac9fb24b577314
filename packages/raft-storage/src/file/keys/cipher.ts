import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";

/** Bytes by which a sealed piece is longer than what it seals. */
export const SEAL_BYTES = 16;
/** Bytes of the random salt that a file's key is derived with. */
export const KEY_SALT_BYTES = 16;

/** Which piece of a file it is: no two pieces sealed for one file may have the same. */
export interface PieceNumber {
  /** 0, or 1 for the last piece of a file that has a last one. */
  readonly kind: 0 | 1;
  readonly counter: number;
}

/**
 * Seals the pieces of one file with AES-256-GCM.
 *
 * The key is the file's own: derived (HKDF-SHA-256) from the data key, 16 random bytes, and all that the file's header says,
 * so that no two files share one and a header that was changed opens nothing. The nonce is a counter of the file's pieces.
 * It never repeats under one key: a file is written by one process, from its beginning, and by no other after that (a store
 * that is opened begins a new segment); within the process the counter only goes up, past a write that failed as well.
 */
export class FileCipher {
  readonly #key: Uint8Array;

  constructor(dataKey: Uint8Array, salt: Uint8Array, header: Uint8Array) {
    this.#key = new Uint8Array(hkdfSync("sha256", dataKey, salt, header, 32));
  }

  /** What is sealed, {@link SEAL_BYTES} longer. `bound` must be the same to open it. */
  seal(piece: PieceNumber, bound: Uint8Array, plain: Uint8Array): Uint8Array {
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonceOf(piece));
    cipher.setAAD(bound);
    const sealed = new Uint8Array(plain.byteLength + SEAL_BYTES);
    sealed.set(cipher.update(plain));
    cipher.final();
    sealed.set(cipher.getAuthTag(), plain.byteLength);
    return sealed;
  }

  /** Undefined when it is not what was sealed. */
  open(piece: PieceNumber, bound: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    if (sealed.byteLength < SEAL_BYTES) return undefined;
    const decipher = createDecipheriv("aes-256-gcm", this.#key, nonceOf(piece), {
      authTagLength: SEAL_BYTES,
    });
    decipher.setAAD(bound);
    decipher.setAuthTag(sealed.subarray(-SEAL_BYTES));
    const plain = decipher.update(sealed.subarray(0, -SEAL_BYTES));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return new Uint8Array(plain.buffer, plain.byteOffset, plain.byteLength);
  }
}

function nonceOf({ kind, counter }: PieceNumber): Uint8Array {
  const nonce = new Uint8Array(12);
  nonce[0] = kind;
  new DataView(nonce.buffer).setBigUint64(4, BigInt(counter), true);
  return nonce;
}
