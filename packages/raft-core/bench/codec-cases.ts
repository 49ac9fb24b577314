import {
  createMessageEncoder,
  decodeMessage,
  encodeMessage,
  encodeMessageInto,
  encodedMessageSize,
} from "../src/codec/index.ts";
import { logIndex, nodeId, term } from "../src/index.ts";
import type { AppendMessage } from "../src/index.ts";
import { raftpb } from "../test/codec/raftpb.ts";
import type { BenchCase } from "./bench-case.ts";

const ENTRY_COUNTS = [1, 16, 64];
const PAYLOAD_BYTES = 256;
/** As in a group that has been at work for a while. */
const INDEX = 1_000_000;
const TERM = 7;
const MSG_APP = 3;
const OPERATIONS_PER_CALL = 64;

const Message = raftpb("Message");

/** What a leader sends all day. */
function appendOf(count: number): AppendMessage {
  const entries = Array.from({ length: count }, (_, at) => ({
    kind: "normal" as const,
    term: term(TERM),
    index: logIndex(INDEX + 1 + at),
    data: new Uint8Array(PAYLOAD_BYTES).fill(at),
  }));
  const envelope = { from: nodeId(1), to: nodeId(2), term: term(TERM) };
  const position = { index: logIndex(INDEX), logTerm: term(TERM), commit: logIndex(INDEX - 1) };
  return { ...envelope, type: "append", ...position, entries };
}

/** The same for protobufjs: what encodes to the same bytes. */
function plainOf({ entries, from, to, index, logTerm, commit, ...rest }: AppendMessage): object {
  const plainEntries = entries.map(({ term, index, data }) => ({ term, index, data }));
  return {
    type: MSG_APP,
    to,
    from,
    term: rest.term,
    logTerm,
    index,
    entries: plainEntries,
    commit,
  };
}

/** One row; often in one call, since reading the clock takes as long as encoding a small message. */
function row(name: string, operation: () => number, comparedWith?: string): BenchCase {
  return {
    name,
    operationsPerCall: OPERATIONS_PER_CALL,
    run(): void {
      let result = 0;
      for (let done = 0; done < OPERATIONS_PER_CALL; done += 1) result += operation();
      if (result === 0) throw new Error("nothing was done");
    },
    ...(comparedWith === undefined ? {} : { comparedWith }),
  };
}

function casesOf(count: number): readonly BenchCase[] {
  const message = appendOf(count);
  const plain = plainOf(message);
  const bytes = encodeMessage(message);
  const encoder = createMessageEncoder();
  const scratch = new Uint8Array(encodedMessageSize(message));
  if (Buffer.compare(bytes, Message.encode(plain).finish()) !== 0)
    throw new Error("not the same bytes");
  const what = `append of ${count} × ${PAYLOAD_BYTES} B`;
  const encode = `encode ${what}, protobufjs`;
  const decode = `decode ${what}, protobufjs`;
  return [
    row(encode, () => Message.encode(plain).finish().byteLength),
    row(`encode ${what}`, () => encoder.encode(message).byteLength, encode),
    row(`encode ${what}, a buffer each`, () => encodeMessage(message).byteLength, encode),
    row(`encode ${what}, into scratch`, () => encodeMessageInto(message, scratch, 0), encode),
    row(decode, () => (Message.decode(bytes) as unknown as AppendMessage).entries.length),
    row(`decode ${what}`, () => (decodeMessage(bytes) as AppendMessage).entries.length, decode),
  ];
}

export const codecCases: readonly BenchCase[] = ENTRY_COUNTS.flatMap(casesOf);
