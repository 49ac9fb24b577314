import { assert } from "./internal/assert.ts";
import { historyLinesMaxDefault } from "./limits.ts";

/** What happened in a run, as lines of text in order; two runs of one seed must give the same lines. */
export interface History {
  /** Adds one line: the time, who, what. Numbers are written with three decimals of a millisecond. */
  record(timeMs: number, who: string, what: string): void;
  /** The kept lines, oldest first; the first one says how many were dropped, if any. */
  lines(): string[];
  /** All lines ever recorded, also the dropped ones. */
  readonly recorded: number;
  /** A 32-bit hash over every line ever recorded, as 8 hexadecimal digits: equal histories in one comparison. */
  digest(): string;
}

/** An empty history that keeps the last `linesMax` lines (default 200 000). */
export function createHistory(options: { readonly linesMax?: number } = {}): History {
  const linesMax = options.linesMax ?? historyLinesMaxDefault;
  assert(Number.isInteger(linesMax) && linesMax > 0, `bad linesMax: ${linesMax}`);
  let kept: string[] = [];
  let recorded = 0;
  let hash = 0x811c9dc5;
  return {
    record: (timeMs, who, what) => {
      const line = `${timeMs.toFixed(3)} ${who} ${what}`;
      recorded += 1;
      hash = hashLine(hash, line);
      kept.push(line);
      // Dropping half at once keeps recording cheap.
      if (kept.length >= 2 * linesMax) kept = kept.slice(-linesMax);
    },
    lines: () => {
      const last = kept.slice(-linesMax);
      const dropped = recorded - last.length;
      return dropped === 0 ? last : [`(${dropped} earlier lines dropped)`, ...last];
    },
    get recorded(): number {
      return recorded;
    },
    digest: () => hash.toString(16).padStart(8, "0"),
  };
}

function hashLine(start: number, line: string): number {
  let hash = start;
  for (let index = 0; index < line.length; index += 1)
    hash = Math.imul(hash ^ line.charCodeAt(index), 0x01000193);
  return Math.imul(hash ^ 0x0a, 0x01000193) >>> 0;
}
