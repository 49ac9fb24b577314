import { CodecError } from "../errors.ts";

/** Encodes text; a lone surrogate becomes the replacement character, as everywhere on the platform. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const letter of text) {
    let point = letter.codePointAt(0) ?? 0;
    if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
    else if (point < 0x10000)
      bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
    else
      bytes.push(
        0xf0 | (point >> 18),
        0x80 | ((point >> 12) & 0x3f),
        0x80 | ((point >> 6) & 0x3f),
        0x80 | (point & 0x3f),
      );
  }
  return Uint8Array.from(bytes);
}

/** Least code point for a sequence of that many continuation bytes: shorter ones are overlong. */
const leastPoint = [0, 0x80, 0x800, 0x10000] as const;

/**
 * Decodes text strictly: overlong forms, surrogates and stray bytes are refused.
 * @throws CodecError `malformed`
 */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = "";
  let index = 0;
  while (index < bytes.length) {
    const lead = bytes[index] ?? 0;
    const more = continuationBytes(lead);
    let point = more === 0 ? lead : lead & (0x3f >> more);
    for (let n = 1; n <= more; n += 1) {
      const byte = bytes[index + n];
      if (byte === undefined || (byte & 0xc0) !== 0x80) throw malformed();
      point = (point << 6) | (byte & 0x3f);
    }
    const least = leastPoint[more];
    if (point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
      throw malformed();
    text += String.fromCodePoint(point);
    index += more + 1;
  }
  return text;
}

function continuationBytes(lead: number): 0 | 1 | 2 | 3 {
  if (lead < 0x80) return 0;
  if ((lead & 0xe0) === 0xc0) return 1;
  if ((lead & 0xf0) === 0xe0) return 2;
  if ((lead & 0xf8) === 0xf0) return 3;
  throw malformed();
}

function malformed(): CodecError {
  return new CodecError("malformed", "text is not valid UTF-8");
}
