/** The largest number that bit operators take as it is. */
const BITS_MAX = 0x7fff_ffff;
const BITS_MAX_BYTES = 5;
const PAYLOAD = 0x80;
/** Up to here a loop copies faster than `set`, which has to be called. */
const LOOP_BYTES_MAX = 24;

/**
 * A field of bytes that is present and empty, where any other empty array stands for an absent one. Raft takes both for
 * the same; a message that was decoded and is encoded again keeps the difference.
 */
export const PRESENT_EMPTY: Uint8Array = new Uint8Array(0);

/** A field of bytes that is absent. */
export const EMPTY: Uint8Array = new Uint8Array(0);

/** Bytes of a number as a varint. */
export function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : largeVarintSize(value);
}

function largeVarintSize(value: number): number {
  let size = BITS_MAX_BYTES;
  for (let rest = Math.floor(value / 2 ** 35); rest > 0; rest = Math.floor(rest / PAYLOAD))
    size += 1;
  return size;
}

/** Writes a number as a varint; the offset behind it. */
export function writeVarint(target: Uint8Array, offset: number, value: number): number {
  if (value > BITS_MAX) return writeLargeVarint(target, offset, value);
  let at = offset;
  let rest = value;
  while (rest >= PAYLOAD) {
    target[at++] = (rest & 0x7f) | PAYLOAD;
    rest >>>= 7;
  }
  target[at++] = rest;
  return at;
}

function writeLargeVarint(target: Uint8Array, offset: number, value: number): number {
  let at = offset;
  let rest = value;
  while (rest >= PAYLOAD) {
    target[at++] = (rest % PAYLOAD) + PAYLOAD;
    rest = Math.floor(rest / PAYLOAD);
  }
  target[at++] = rest;
  return at;
}

/** Writes a varint field whose tag takes one byte, also when the number is 0; the offset behind it. */
export function writeUint(target: Uint8Array, offset: number, tag: number, value: number): number {
  target[offset] = tag;
  return writeVarint(target, offset + 1, value);
}

/** Bytes of a length-delimited field with `length` bytes in it and a tag of one byte. */
export function blockSize(length: number): number {
  return 1 + varintSize(length) + length;
}

/** Bytes that a field of bytes takes: none when it is absent. */
export function bytesSize(data: Uint8Array): number {
  const { byteLength } = data;
  if (byteLength > 0) return blockSize(byteLength);
  return data === PRESENT_EMPTY ? 2 : 0;
}

/** Writes a field of bytes unless it is absent; the offset behind it. */
export function writeBytes(
  target: Uint8Array,
  offset: number,
  tag: number,
  data: Uint8Array,
): number {
  const { byteLength } = data;
  if (byteLength === 0 && data !== PRESENT_EMPTY) return offset;
  const start = writeUint(target, offset, tag, byteLength);
  if (byteLength > LOOP_BYTES_MAX) target.set(data, start);
  else for (let at = 0; at < byteLength; at += 1) target[start + at] = data[at] ?? 0;
  return start + byteLength;
}
