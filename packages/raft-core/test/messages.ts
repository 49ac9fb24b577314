import fc from "fast-check";
import { PRIORITY_MAX } from "../src/index.ts";
import type { ConfState, Entry, Message } from "../src/index.ts";

const number = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });
const data = fc.uint8Array({ maxLength: 12 });

/** Any member list, sound or not. */
export function anyConfState(max: number): fc.Arbitrary<ConfState> {
  const list = fc.array(number(max), { maxLength: 4 });
  return fc.record({
    voters: list,
    learners: list,
    votersOutgoing: list,
    learnersNext: list,
    autoLeave: fc.boolean(),
  }) as fc.Arbitrary<unknown> as fc.Arbitrary<ConfState>;
}

/** Any entry. */
export function anyEntry(max: number): fc.Arbitrary<Entry> {
  return fc.record({
    kind: fc.constantFrom("normal", "conf-change", "conf-change-v2"),
    term: number(max),
    index: number(max),
    data,
  }) as fc.Arbitrary<unknown> as fc.Arbitrary<Entry>;
}

/** Any message that the types allow, sound or not; numbers up to `max`. */
export function anyMessage(max: number): fc.Arbitrary<Message> {
  const n = number(max);
  const base = { from: n, to: n, term: n };
  const of = (type: string, fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> =>
    fc.record({ type: fc.constant(type), ...base, ...fields });
  const entries = fc.array(anyEntry(max), { maxLength: 4 });
  const draft = fc.record({ kind: fc.constantFrom("normal", "conf-change-v2"), data });
  const metadata = fc.record({ index: n, term: n, confState: anyConfState(max) });
  const priority = fc.oneof(fc.constant(0), number(PRIORITY_MAX));
  const vote = { index: n, logTerm: n, transfer: fc.boolean(), priority };
  return fc.oneof(
    of("append", { index: n, logTerm: n, entries, commit: n }),
    of("append-response", {
      index: n,
      reject: fc.constant(true),
      rejectHint: n,
      logTerm: n,
    }),
    of("append-response", {
      index: n,
      reject: fc.constant(false),
      rejectHint: fc.constant(0),
      logTerm: fc.constant(0),
    }),
    of("vote", vote),
    of("pre-vote", vote),
    of("vote-response", { reject: fc.boolean() }),
    of("pre-vote-response", { reject: fc.boolean() }),
    of("heartbeat", { commit: n, context: data }),
    of("heartbeat-response", { context: data }),
    of("snapshot", { snapshot: fc.record({ metadata, data }) }),
    of("propose", { entries: fc.array(draft, { maxLength: 3 }) }),
    of("timeout-now", {}),
    of("transfer-leader", {}),
    of("read-index", { context: data }),
    of("read-index-response", { index: n, context: data }),
  ) as fc.Arbitrary<Message>;
}
