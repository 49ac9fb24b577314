import fc from "fast-check";
import { encodeConfChange, encodeConfChangeV1 } from "../../src/codec/index.ts";
import { COUNTER_MAX, PRIORITY_MAX, nodeId } from "../../src/index.ts";
import type { Entry, Message, RaftStatus } from "../../src/index.ts";
import { change, members } from "../membership/change-text.ts";

/** A number that means something where the victim stands, or next to it. */
interface Aim {
  readonly at: "zero" | "term" | "commit" | "last" | "first" | "match" | "limit" | "odd";
  readonly by: number;
}

const ODD = [Number.NaN, -1, 0.5, Infinity, 2 ** 53, -0, COUNTER_MAX + 1];

function numberOf({ at, by }: Aim, status: RaftStatus): number {
  const bases: Readonly<Record<Exclude<Aim["at"], "odd">, number>> = {
    zero: 0,
    term: status.term,
    commit: status.commit,
    last: status.lastIndex,
    first: status.firstIndex,
    match: status.peers.at(-1)?.match ?? 0,
    limit: COUNTER_MAX,
  };
  if (at === "odd") return ODD[by + 2] ?? 0;
  return Math.max(0, bases[at] + by);
}

const by = fc.integer({ min: -2, max: 3 });
const aimed = (...ats: Aim["at"][]): fc.Arbitrary<Aim> =>
  fc.record({ at: fc.constantFrom(...ats), by });
/** Mostly near where the victim is; now and then out of all bounds. */
const index = fc.oneof(
  { weight: 12, arbitrary: aimed("zero", "commit", "last", "last", "first", "match") },
  { weight: 1, arbitrary: aimed("limit", "odd") },
);
const term = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Aim>({ at: "term", by: 0 }) },
  { weight: 4, arbitrary: aimed("term") },
  { weight: 1, arbitrary: aimed("zero", "limit", "odd") },
);

const CHANGES: readonly Uint8Array[] = [
  ...["v2", "v4", "l2", "l4", "r1", "r2", "r3", "r1 r2 r3 r4", "v4 r1", "v4 v5 l3", "u2", "r9"].map(
    (text) => encodeConfChange(change(text)),
  ),
  encodeConfChange(change("")),
  encodeConfChange(change("", "joint-explicit")),
  encodeConfChange(change("v4 r3", "joint-explicit")),
  encodeConfChange(change("r1 r2", "joint-implicit")),
  encodeConfChange({ ...change(""), changes: [{ type: "remove", node: 0 as never }] }),
  Uint8Array.of(8, 9),
  Uint8Array.of(18, 4, 8, 7, 16, 2),
  Uint8Array.of(255),
];
const V1: readonly Uint8Array[] = (["add-voter", "remove", "add-learner", "update"] as const)
  .flatMap((type) => [1, 2, 4].map((node) => ({ type, node: nodeId(node) })))
  .map(({ type, node }) =>
    encodeConfChangeV1({ id: 0, type, node, context: new Uint8Array(0) } as never),
  );

const draft = fc.oneof(
  fc.record({ kind: fc.constant("normal" as const), data: fc.uint8Array({ maxLength: 3 }) }),
  fc.record({ kind: fc.constant("conf-change-v2" as const), data: fc.constantFrom(...CHANGES) }),
  fc.record({ kind: fc.constant("conf-change" as const), data: fc.constantFrom(...V1) }),
);
const entry = fc.record({ draft, term, gap: fc.constantFrom(0, 0, 0, 0, 0, 1, -1) });

const confState = fc.constantFrom(
  members({ voters: [1, 2, 3] }),
  members({ voters: [1] }),
  members({ voters: [2, 3] }),
  members({ voters: [2], learners: [1] }),
  members({ voters: [1, 2], votersOutgoing: [2, 3], learnersNext: [3], autoLeave: true }),
  members({ voters: [1, 2], votersOutgoing: [1, 2, 3] }),
  members({ voters: [] }),
  members({ voters: [], learners: [1] }),
  members({ voters: [1], learners: [1] }),
  members({ voters: [1, 1] }),
  members({ voters: [1], autoLeave: true }),
);

const ROUNDS = [0, 1, 2, 3, 200].map((round) => Uint8Array.of(round, 0, 0, 0, 0, 0, 0, 0));
const context = fc.constantFrom(
  new Uint8Array(0),
  ...ROUNDS,
  Uint8Array.of(1, 2),
  new Uint8Array(8).fill(255),
);

/** All that any kind of message can hold. */
const fields = fc.record({
  type: fc.constantFrom<Message["type"]>(
    ...(["append", "append", "append-response", "append-response", "vote", "pre-vote"] as const),
    ...(["vote-response", "vote-response", "pre-vote-response", "heartbeat"] as const),
    ...(["heartbeat-response", "snapshot", "propose", "timeout-now"] as const),
    ...(["transfer-leader", "read-index", "read-index-response"] as const),
  ),
  from: fc.constantFrom(2, 2, 3, 3, 4, 9, 1, 0, -1, 1.5),
  to: fc.constantFrom(1, 1, 1, 1, 1, 1, 1, 1, 2),
  term,
  index,
  logTerm: term,
  commit: index,
  rejectHint: index,
  reject: fc.boolean(),
  transfer: fc.boolean(),
  priority: fc.constantFrom(0, 0, 5, PRIORITY_MAX, -1, Number.NaN),
  entries: fc.array(entry, { maxLength: 3 }),
  confState,
  context,
  /** Takes the position of the victim's own log, so that what follows is let in more often. */
  fits: fc.boolean(),
});

export type HostileMessage = typeof fields extends fc.Arbitrary<infer T> ? T : never;
export const anyHostileMessage: fc.Arbitrary<HostileMessage> = fields;

/** The message as it is sent to a victim that stands there. */
export function aimedAt(
  shape: HostileMessage,
  status: RaftStatus,
  termAt: (index: number) => number | undefined,
): Message {
  const { fits, entries, confState: of, ...rest } = shape;
  const at = numberOf(shape.index, status);
  const own = fits ? termAt(at) : undefined;
  const logTerm = own ?? (at === 0 && fits ? 0 : numberOf(shape.logTerm, status));
  const termless = shape.fits && (shape.type === "propose" || shape.type === "read-index");
  let previous = at;
  const placed = entries.map(({ draft: { kind, data }, term: newer, gap }): Entry => {
    previous += 1 + gap;
    const entryTerm = fits ? status.term : numberOf(newer, status);
    return { kind, data, index: previous as never, term: entryTerm as never };
  });
  return {
    ...rest,
    term: termless ? 0 : numberOf(shape.term, status),
    index: at,
    logTerm,
    commit: numberOf(shape.commit, status),
    rejectHint: numberOf(shape.rejectHint, status),
    entries: placed,
    snapshot: {
      metadata: { index: at, term: logTerm, confState: of },
      data: new Uint8Array(0),
    },
  } as unknown as Message;
}
