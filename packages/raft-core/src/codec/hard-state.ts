import type { HardState } from "../entry.ts";
import type { LogIndex, Term } from "../ids.ts";
import { NO_NODE } from "../ids.ts";
import { STANDARD } from "./format.ts";
import type { WireFormat } from "./format.ts";
import { WireReader } from "./reader.ts";
import { idSize, readId, wireId, writeId } from "./wide-ids.ts";
import { varintSize, writeUint } from "./write.ts";

const TERM = 0x08;
const VOTE = 0x10;
const COMMIT = 0x18;
const FIELDS = 3;

/** A hard state as raftpb bytes, the same in both profiles. */
export function encodeHardState(
  { term, vote, commit }: HardState,
  { ids }: WireFormat = STANDARD,
): Uint8Array {
  const wire = wireId(vote, ids);
  const bytes = new Uint8Array(3 + varintSize(term) + idSize(wire) + varintSize(commit));
  const at = writeId(bytes, writeUint(bytes, 0, TERM, term), VOTE, wire);
  writeUint(bytes, at, COMMIT, commit);
  return bytes;
}

/** The inverse of {@link encodeHardState}; what is absent is 0. @throws CodecError for anything else. */
export function decodeHardState(bytes: Uint8Array, { ids }: WireFormat = STANDARD): HardState {
  const reader = new WireReader(bytes);
  let term = 0;
  let vote = NO_NODE;
  let commit = 0;
  while (reader.at < bytes.byteLength) {
    const tag = reader.varint();
    if (tag === TERM) term = reader.uint();
    else if (tag === VOTE) vote = readId(reader, ids);
    else if (tag === COMMIT) commit = reader.uint();
    else reader.skip(tag, FIELDS);
  }
  return { term: term as Term, vote, commit: commit as LogIndex };
}
