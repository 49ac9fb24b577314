import type { ConfState, HardState, Snapshot, SnapshotMetadata } from "../entry.ts";
import type { LogIndex, NodeId, Term } from "../ids.ts";
import { LIST_ELEMENTS_MAX } from "./limits.ts";
import { WireWriter, eachField } from "./wire.ts";

/** A hard state as raftpb bytes. */
export function encodeHardState({ term, vote, commit }: HardState): Uint8Array {
  return new WireWriter().uint(1, term).uint(2, vote).uint(3, commit).finish();
}

/** The inverse of {@link encodeHardState}; what is absent is 0. @throws CodecError for anything else. */
export function decodeHardState(bytes: Uint8Array): HardState {
  let term = 0;
  let vote = 0;
  let commit = 0;
  eachField(bytes, (field) => {
    if (field.number === 1) term = field.uint();
    else if (field.number === 2) vote = field.uint();
    else if (field.number === 3) commit = field.uint();
  });
  return { term: term as Term, vote: vote as NodeId, commit: commit as LogIndex };
}

/** The members as raftpb bytes. */
export function encodeConfState(state: ConfState): Uint8Array {
  const writer = new WireWriter();
  const lists = [state.voters, state.learners, state.votersOutgoing, state.learnersNext];
  for (const [at, list] of lists.entries()) for (const id of list) writer.uint(at + 1, id);
  return writer.uint(5, state.autoLeave ? 1 : 0).finish();
}

/** The inverse of {@link encodeConfState}; lists keep their order. @throws CodecError for anything else. */
export function decodeConfState(bytes: Uint8Array): ConfState {
  const voters: NodeId[] = [];
  const learners: NodeId[] = [];
  const votersOutgoing: NodeId[] = [];
  const learnersNext: NodeId[] = [];
  const lists = [undefined, voters, learners, votersOutgoing, learnersNext];
  let autoLeave = false;
  eachField(bytes, (field) => {
    const list = lists[field.number];
    if (list !== undefined) field.uints(list, LIST_ELEMENTS_MAX);
    else if (field.number === 5) autoLeave = field.bool();
  });
  return { voters, learners, votersOutgoing, learnersNext, autoLeave };
}

/** Which state a snapshot holds, as raftpb bytes. */
export function encodeSnapshotMetadata(metadata: SnapshotMetadata): Uint8Array {
  return new WireWriter()
    .bytes(1, encodeConfState(metadata.confState))
    .uint(2, metadata.index)
    .uint(3, metadata.term)
    .finish();
}

/** The inverse of {@link encodeSnapshotMetadata}; what is absent is 0 or empty. @throws CodecError for anything else. */
export function decodeSnapshotMetadata(bytes: Uint8Array): SnapshotMetadata {
  let confState = decodeConfState(new Uint8Array(0));
  let index = 0;
  let term = 0;
  eachField(bytes, (field) => {
    if (field.number === 1) confState = decodeConfState(field.bytes());
    else if (field.number === 2) index = field.uint();
    else if (field.number === 3) term = field.uint();
  });
  return { index: index as LogIndex, term: term as Term, confState };
}

/** A snapshot as raftpb bytes. */
export function encodeSnapshot({ data, metadata }: Snapshot): Uint8Array {
  const writer = new WireWriter();
  if (data.byteLength > 0) writer.bytes(1, data);
  return writer.bytes(2, encodeSnapshotMetadata(metadata)).finish();
}

/** The inverse of {@link encodeSnapshot}. @throws CodecError for anything else. */
export function decodeSnapshot(bytes: Uint8Array): Snapshot {
  let data = new Uint8Array(0);
  let metadata = decodeSnapshotMetadata(data);
  eachField(bytes, (field) => {
    if (field.number === 1) data = field.bytes().slice();
    else if (field.number === 2) metadata = decodeSnapshotMetadata(field.bytes());
  });
  return { metadata, data };
}
