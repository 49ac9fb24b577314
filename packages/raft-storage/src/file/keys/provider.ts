import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { RaftStoreError } from "../../errors.ts";

/** A data key as it lies on the disk: sealed under a key that does not. */
export interface WrappedKey {
  /** Names the key that it is sealed under; 1 to 256 bytes in UTF-8. */
  readonly keyId: string;
  /** At most 4 096 bytes. */
  readonly bytes: Uint8Array;
}

/** Where the keys are that seal the data keys: a file elsewhere, a device, a service. What it throws refuses the call. */
export interface KeyProvider {
  /** Seals a data key of 32 bytes under the present key. */
  wrap(dataKey: Uint8Array): Promise<WrappedKey>;
  /** Opens what {@link KeyProvider.wrap} made, also under an earlier key. Must throw under a wrong one, never give a wrong answer. */
  unwrap(wrapped: WrappedKey): Promise<Uint8Array>;
}

/** Keys of 32 bytes, by their ids. */
export interface HeldKeys {
  /** The id of the key that new data keys are sealed under. */
  readonly current: string;
  readonly keys: Readonly<Record<string, Uint8Array>>;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/**
 * A provider that holds its keys itself, and seals with AES-256-GCM. `held` is asked each time, so that a new key can be
 * added while the store is open. A random nonce is sound here: a key seals a few data keys, not data.
 */
export function createKeyProvider(held: () => HeldKeys): KeyProvider {
  const keyOf = (id: string): Uint8Array => {
    const { keys } = held();
    const key = Object.hasOwn(keys, id) ? keys[id] : undefined;
    if (key === undefined) throw new RaftStoreError("wrong-key", `there is no key '${id}'`);
    if (key.byteLength === KEY_BYTES) return key;
    throw new RaftStoreError("invalid-argument", `key '${id}' has ${key.byteLength} bytes, not 32`);
  };
  return {
    wrap: async (dataKey) => {
      await Promise.resolve();
      const keyId = held().current;
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", keyOf(keyId), nonce);
      const sealed = Buffer.concat([cipher.update(dataKey), cipher.final()]);
      const bytes = new Uint8Array(Buffer.concat([nonce, sealed, cipher.getAuthTag()]));
      return { keyId, bytes };
    },
    unwrap: async ({ keyId, bytes }) => {
      await Promise.resolve();
      const decipher = createDecipheriv(
        "aes-256-gcm",
        keyOf(keyId),
        bytes.subarray(0, NONCE_BYTES),
        {
          authTagLength: TAG_BYTES,
        },
      );
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        const opened = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
        return new Uint8Array(Buffer.concat([opened, decipher.final()]));
      } catch (cause) {
        throw new RaftStoreError("wrong-key", `key '${keyId}' is not the one it was`, { cause });
      }
    },
  };
}
