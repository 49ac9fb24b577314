/** Lines of raw output, and how many bytes of it they took. */
export interface SplitLines {
  readonly lines: readonly Uint8Array[];
  readonly consumedBytes: number;
}

const LINE_FEED = 0x0a;

/**
 * Takes the complete lines from raw output, as views on it. A line longer than `lineBytesMax` is cut into pieces of that
 * size. What follows the last line feed stays, unless the output is `final`.
 */
export function splitLines(
  chunk: Uint8Array,
  options: { readonly lineBytesMax: number; readonly final: boolean },
): SplitLines {
  const { lineBytesMax, final } = options;
  const lines: Uint8Array[] = [];
  let start = 0;
  while (start < chunk.length) {
    const feed = chunk.indexOf(LINE_FEED, start);
    const end = feed < 0 ? chunk.length : feed;
    if (end - start > lineBytesMax) {
      lines.push(chunk.subarray(start, start + lineBytesMax));
      start += lineBytesMax;
    } else if (feed >= 0) {
      lines.push(chunk.subarray(start, end));
      start = feed + 1;
    } else {
      if (!final) break;
      lines.push(chunk.subarray(start));
      start = chunk.length;
    }
  }
  return { lines, consumedBytes: start };
}
