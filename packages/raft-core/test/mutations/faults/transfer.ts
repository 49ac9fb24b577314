import type { Fault } from "../fault.ts";

/** Faults that `transfer.test.ts` catches. */
export const TRANSFER: readonly Fault[] = [
  {
    name: "a transfer never ends",
    missedByGoldens: true,
    edits: [["tick.ts", "abortTransfer(state);", ""]],
  },
  {
    name: "proposals are accepted during a transfer",
    missedByGoldens: true,
    edits: [["replication/propose.ts", "if (transferee !== NO_NODE)", "if (false)"]],
  },
  {
    name: "a transfer ends with the election period that it falls into",
    edits: [["transfer/transfer.ts", "state.electionElapsed = 0;", ""]],
  },
  {
    name: "the target is urged at once although it lacks entries",
    edits: [["transfer/transfer.ts", "if (peer.match === state.log.lastIndex)", "if (true)"]],
  },
  {
    name: "the target is urged before it has the last entry",
    edits: [
      ["transfer/transfer.ts", "if (state.progress.get(from)?.match === state.log.lastIndex)", ""],
    ],
  },
  {
    name: "a target that has everything is not urged",
    edits: [["transfer/transfer.ts", "if (peer.match === state.log.lastIndex)", "if (false)"]],
  },
  {
    name: "a lagging target is not brought up to date",
    edits: [["transfer/transfer.ts", "else maybeSendAppend(state, to, true);", ""]],
  },
  {
    name: "leadership goes to a learner",
    edits: [["transfer/transfer.ts", "if (!isVoter(state.configuration, to))", "if (false)"]],
  },
  {
    name: "a transfer goes on although its target is no voter any more",
    edits: [["membership/switch.ts", "state.transferee !== NO_NODE &&", "false &&"]],
  },
  {
    name: "a transfer outlives the leadership",
    edits: [["roles/transitions.ts", "state.transferee = NO_NODE;", ""]],
  },
  {
    name: "a second target does not take the place of the first",
    edits: [
      [
        "transfer/transfer.ts",
        "if (state.transferee === to) {",
        "if (state.transferee !== NO_NODE) {",
      ],
    ],
  },
  {
    name: "the target asks for pre-votes",
    edits: [
      ["roles/follower.ts", 'startElection(state, "transfer");', 'startElection(state, "pre");'],
    ],
  },
];
