import type { FileCipher } from "./cipher.ts";
import type { SegmentHeader } from "../segment/format.ts";
import { encodeSegmentHeader } from "../segment/format.ts";
import { type KeyRing, wrongKey } from "./key-ring.ts";

/** What a segment's records are sealed with; undefined when they are plain. @throws RaftStoreError `wrong-key`. */
export function segmentCipher(
  keys: KeyRing | undefined,
  file: string,
  header: SegmentHeader,
): FileCipher | undefined {
  if (header.key === undefined) return undefined;
  if (keys === undefined) throw wrongKey(file, "the log is encrypted, and no key was given");
  return keys.cipher(file, header.key, encodeSegmentHeader(header));
}
