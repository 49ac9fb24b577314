const MARK = 255;

/** A proposal that is known again when it is applied. */
export function marked(number: number): Uint8Array {
  return Uint8Array.from([MARK, number & 0xff, number >> 8]);
}

/** Its number; undefined for all other entries. */
export function markOf(data: Uint8Array): number | undefined {
  const [first, low, high] = data;
  if (data.byteLength !== 3 || first !== MARK) return undefined;
  return low! + 256 * high!;
}
