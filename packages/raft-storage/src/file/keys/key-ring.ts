import type { KeyProvider, WrappedKey } from "./provider.ts";
import type { Vfs } from "../vfs/vfs.ts";
import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { isRaftStoreError, RaftStoreError } from "../../errors.ts";
import { KEY_ID_BYTES_MAX, KEYS_MAX, WRAPPED_KEY_BYTES_MAX } from "../../limits.ts";
import { KEYS_NAME, temporaryName } from "../names.ts";
import { readFully, writeFully } from "../vfs/vfs.ts";
import { FileCipher, KEY_SALT_BYTES } from "./cipher.ts";
import { decodeKeys, encodeKeys, KEYS_FILE_BYTES_MAX } from "./keys-file.ts";

const DATA_KEY_BYTES = 32;

/** Which data key a file is sealed with, and the salt that its own key is derived with. */
export interface FileKey {
  readonly id: number;
  readonly salt: Uint8Array;
}

/** Where the data keys lie, and who seals them. */
export interface KeyPlace {
  readonly vfs: Vfs;
  readonly directory: string;
  readonly provider: KeyProvider;
}

/** The data keys of a store. */
export class KeyRing {
  readonly #place: KeyPlace;
  #keys: ReadonlyMap<number, Uint8Array>;

  private constructor(place: KeyPlace, keys: ReadonlyMap<number, Uint8Array>) {
    this.#place = place;
    this.#keys = keys;
  }

  /** Reads and opens the keys; changes nothing. Empty when there are none yet. @throws RaftStoreError `corrupt`, `wrong-key`. */
  static async load(place: KeyPlace): Promise<KeyRing> {
    const { vfs, directory, provider } = place;
    const keys = new Map<number, Uint8Array>();
    if (!(await vfs.list(directory)).includes(KEYS_NAME)) return new KeyRing(place, keys);
    const file = join(directory, KEYS_NAME);
    const stored = decodeKeys(await readAll(vfs, file));
    if (typeof stored === "string") {
      throw new RaftStoreError("corrupt", `${file} at 0: ${stored}`, { file, offset: 0 });
    }
    for (const { id, wrapped } of stored) {
      const key = await asked(() => provider.unwrap(wrapped), file);
      if (key.byteLength !== DATA_KEY_BYTES)
        throw wrongKey(file, "a data key has the wrong length");
      keys.set(id, key);
    }
    return new KeyRing(place, keys);
  }

  get isEmpty(): boolean {
    return this.#keys.size === 0;
  }

  /** For a file that is about to be written, under the present data key. */
  next(): FileKey {
    const id = Math.max(...this.#keys.keys());
    return { id, salt: new Uint8Array(randomBytes(KEY_SALT_BYTES)) };
  }

  /** @throws RaftStoreError `wrong-key` when the data key is not there. */
  cipher(file: string, key: FileKey, header: Uint8Array): FileCipher {
    const dataKey = this.#keys.get(key.id);
    if (dataKey === undefined) throw wrongKey(file, `data key ${key.id} is not in ${KEYS_NAME}`);
    return new FileCipher(dataKey, key.salt, header);
  }

  /**
   * Adds a new data key and seals all of them under the provider's present key. Durable on resolve: whatever sealed them
   * before is no longer needed. @throws RaftStoreError `wrong-key`, `too-large`; what the file system throws passes through.
   */
  async rotate(): Promise<void> {
    const id = Math.max(0, ...this.#keys.keys()) + 1;
    await this.#replace(
      new Map([...this.#keys, [id, new Uint8Array(randomBytes(DATA_KEY_BYTES))]]),
    );
  }

  /** Forgets the data keys that no file needs, except the present one. */
  async keepOnly(needed: ReadonlySet<number>): Promise<void> {
    const current = Math.max(...this.#keys.keys());
    const kept = new Map([...this.#keys].filter(([id]) => id === current || needed.has(id)));
    if (kept.size < this.#keys.size) await this.#replace(kept);
  }

  async #replace(keys: ReadonlyMap<number, Uint8Array>): Promise<void> {
    const { vfs, directory, provider } = this.#place;
    if (keys.size > KEYS_MAX) throw new RaftStoreError("too-large", `${keys.size} data keys`);
    const stored = [];
    for (const [id, key] of keys) {
      const wrapped = await asked(() => provider.wrap(key), directory);
      checkSize(wrapped);
      stored.push({ id, wrapped });
    }
    const path = join(directory, temporaryName("log", randomUUID()));
    try {
      const file = await vfs.open(path, "create");
      try {
        await writeFully(file, encodeKeys(stored), 0);
        await file.sync();
      } finally {
        await file.close();
      }
      await vfs.rename(path, join(directory, KEYS_NAME));
    } catch (error) {
      await vfs.remove(path).catch(() => undefined);
      throw error;
    }
    await vfs.syncDirectory(directory);
    this.#keys = keys;
  }
}

/** The error of a store whose keys are not at hand. */
export function wrongKey(file: string, message: string, cause?: unknown): RaftStoreError {
  return new RaftStoreError("wrong-key", `${file}: ${message}`, { file, cause });
}

async function asked<T>(ask: () => Promise<T>, file: string): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (isRaftStoreError(cause)) throw wrongKey(file, cause.message, cause);
    throw wrongKey(file, "the key provider refused", cause);
  }
}

function checkSize({ keyId, bytes }: WrappedKey): void {
  const idBytes = Buffer.byteLength(keyId);
  if (idBytes >= 1 && idBytes <= KEY_ID_BYTES_MAX && bytes.byteLength <= WRAPPED_KEY_BYTES_MAX)
    return;
  throw new RaftStoreError("too-large", "the key provider's answer is too long, or its id empty");
}

async function readAll(vfs: Vfs, path: string): Promise<Uint8Array> {
  const file = await vfs.open(path, "read");
  try {
    return await readFully(file, 0, Math.min(await file.size(), KEYS_FILE_BYTES_MAX + 1));
  } finally {
    await file.close();
  }
}
