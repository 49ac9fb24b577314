/**
 * A snapshot as bytes:
 *
 * ```
 * +----------------+-----------+-------------------------------+-------------+----------------+
 * | "WGSNAP"  6 B  | version 1 | records: length u32 LE, JSON  | length 0    | CRC-32 u32 LE  |
 * +----------------+-----------+-------------------------------+-------------+----------------+
 * ```
 *
 * The first record is the {@link SnapshotHeader}; then come the objects, kind by kind, in order of id. The sum is over
 * all bytes before it.
 */
export const SNAPSHOT_MAGIC: readonly number[] = [0x57, 0x47, 0x53, 0x4e, 0x41, 0x50];

/** Raised when the format changes. */
export const SNAPSHOT_VERSION = 1;

/** First record of a snapshot. */
export interface SnapshotHeader {
  readonly index: number;
  /** Token of the last entry that had an effect, see `codec/entry.ts`. */
  readonly lineage: number;
  /** How many objects of each kind follow; kinds in this order. */
  readonly counts: Readonly<Record<string, number>>;
}
