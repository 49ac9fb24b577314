/** How many bytes `text` takes in UTF-8. Lone surrogates count as U+FFFD, three bytes. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (isSurrogatePair(text, i, unit)) {
      bytes += 2;
      i += 1;
    } else bytes += 2;
  }
  return bytes;
}

/** UTF-8 bytes of `text`, after `offset` bytes left free at the front for a header. */
export function encodeUtf8(text: string, offset = 0): Uint8Array {
  const bytes = new Uint8Array(offset + utf8Length(text));
  let at = offset;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      bytes[at++] = unit;
      continue;
    }
    let point = unit;
    if (isSurrogatePair(text, i, unit)) {
      point = 0x10000 + ((unit - 0xd800) << 10) + (text.charCodeAt(i + 1) - 0xdc00);
      i += 1;
    } else if (unit >= 0xd800 && unit <= 0xdfff) point = 0xfffd;
    at = writePoint(bytes, at, point);
  }
  return bytes;
}

/** The text of `bytes[start..end)`, or undefined where they are not well-formed UTF-8. */
export function decodeUtf8(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): string | undefined {
  let text = "";
  let at = start;
  while (at < end) {
    const run = asciiEnd(bytes, at, Math.min(end, at + RUN_MAX));
    if (run > at) {
      // An array-like is as good as an array here, and spreading it costs five times the rest of the decoding.
      text += String.fromCharCode.apply(undefined, bytes.subarray(at, run) as unknown as number[]);
      at = run;
      continue;
    }
    const width = widthOf(bytes[at] ?? 0);
    const point = width === 0 || at + width > end ? -1 : readPoint(bytes, at, width);
    if (point < 0) return undefined;
    text += String.fromCodePoint(point);
    at += width;
  }
  return text;
}

/** How many arguments one call of `fromCharCode` is given: far under what any engine refuses. */
const RUN_MAX = 4096;

function isSurrogatePair(text: string, i: number, unit: number): boolean {
  if (unit < 0xd800 || unit > 0xdbff) return false;
  const next = text.charCodeAt(i + 1);
  return next >= 0xdc00 && next <= 0xdfff;
}

function writePoint(bytes: Uint8Array, start: number, point: number): number {
  let at = start;
  if (point < 0x800) bytes[at++] = 0xc0 | (point >> 6);
  else {
    if (point < 0x10000) bytes[at++] = 0xe0 | (point >> 12);
    else {
      bytes[at++] = 0xf0 | (point >> 18);
      bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
    }
    bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
  }
  bytes[at++] = 0x80 | (point & 0x3f);
  return at;
}

function asciiEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] ?? 0x80) < 0x80) at += 1;
  return at;
}

function widthOf(first: number): number {
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  if (first >= 0xf0 && first <= 0xf4) return 4;
  return 0;
}

/** The code point, or -1 for a bad continuation, an overlong form, a surrogate, or one past U+10FFFF. */
function readPoint(bytes: Uint8Array, at: number, width: number): number {
  let point = (bytes[at] ?? 0) & (0xff >> (width + 1));
  for (let i = 1; i < width; i++) {
    const byte = bytes[at + i] ?? 0;
    if ((byte & 0xc0) !== 0x80) return -1;
    point = (point << 6) | (byte & 0x3f);
  }
  if (width === 3 && (point < 0x800 || (point >= 0xd800 && point <= 0xdfff))) return -1;
  if (width === 4 && (point < 0x10000 || point > 0x10ffff)) return -1;
  return point;
}
