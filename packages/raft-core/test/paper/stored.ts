import { logIndex, term } from "../../src/index.ts";
import type { ConfState, InitialState, NodeId, RaftOptions } from "../../src/index.ts";
import { Group } from "../group/group.ts";
import { members } from "../membership/change-text.ts";

/**
 * What a member has on its disk. `terms` are those of its entries from index 1 on, as the paper draws a log; the first
 * stands for the state in which the group began, and is committed and applied.
 */
export function stored(
  terms: readonly number[],
  more: {
    readonly term?: number;
    readonly vote?: number;
    readonly commit?: number;
    readonly members?: ConfState;
  } = {},
): InitialState {
  const last = terms.at(-1) ?? 0;
  return {
    hardState: {
      term: term(more.term ?? last),
      vote: (more.vote ?? 0) as NodeId,
      commit: logIndex(more.commit ?? 1),
    },
    snapshot: {
      index: logIndex(1),
      term: term(terms[0] ?? 0),
      confState: more.members ?? members({ voters: [1, 2, 3] }),
    },
    entries: terms.slice(1).map((of, at) => ({
      kind: "normal",
      index: logIndex(at + 2),
      term: term(of),
      // Entries of the same index and term are the same entry: a leader makes only one.
      data: Uint8Array.of(at + 2, of),
    })),
  };
}

/**
 * A group as a figure draws it: the log of each member by its terms, all in `term`, nothing committed but the start. The
 * rules of the paper alone hold: no pre-vote, no lease.
 */
export function drawn(
  logs: Readonly<Record<number, readonly number[]>>,
  { term: of, ...options }: { readonly term: number } & Partial<RaftOptions>,
): Group {
  const group = new Group([], { preVote: false, checkQuorum: false, ...options });
  const voters = Object.keys(logs).map(Number);
  for (const [id, terms] of Object.entries(logs))
    group.add(Number(id), stored(terms, { term: of, members: members({ voters }) }));
  return group;
}
