import type { LogPlace } from "../file/segment/walk.ts";
import type { RaftLogArguments, RaftLogPorts } from "./run.ts";
import type { Vfs } from "../file/vfs/vfs.ts";
import { KeyRing } from "../file/keys/key-ring.ts";
import { createKeyProvider, type KeyProvider } from "../file/keys/provider.ts";
import { readFully } from "../file/vfs/vfs.ts";
import { UsageError } from "./usage-error.ts";

const KEY_FILE_BYTES_MAX = 1_048_576;

/** Keys from a file of lines "ID BASE64"; the last is the present one. @throws UsageError */
export async function readKeyFile(vfs: Vfs, path: string): Promise<KeyProvider> {
  const file = await vfs.open(path, "read");
  const bytes = await readFully(file, 0, Math.min(await file.size(), KEY_FILE_BYTES_MAX)).finally(
    () => file.close(),
  );
  const keys: Record<string, Uint8Array> = {};
  let current: string | undefined;
  for (const line of Buffer.from(bytes).toString("utf8").split("\n")) {
    if (line.trim() === "") continue;
    const [id = "", encoded = ""] = line.trim().split(/\s+/);
    const key = new Uint8Array(Buffer.from(encoded, "base64"));
    if (key.byteLength !== 32)
      throw new UsageError(`${path}: key '${id}' is not 32 bytes in base64`);
    keys[id] = key;
    current = id;
  }
  if (current === undefined) throw new UsageError(`${path} holds no key`);
  const held = { current, keys };
  return createKeyProvider(() => held);
}

/** The directory with its keys, as far as they are given. @throws RaftStoreError `wrong-key`. */
export async function placeOf(
  { directory, provider }: RaftLogArguments,
  { vfs }: RaftLogPorts,
): Promise<LogPlace> {
  const keys = provider && (await KeyRing.load({ vfs, directory, provider }));
  return { vfs, directory, keys };
}
