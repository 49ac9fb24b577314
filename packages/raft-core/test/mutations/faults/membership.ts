import type { Fault } from "../fault.ts";

/** Faults that `membership.test.ts` catches. */
export const MEMBERSHIP: readonly Fault[] = [
  {
    name: "a change is proposed while another one is in flight",
    missedByGoldens: true,
    edits: [["replication/propose.ts", "state.pendingChangeIndex = index;", ""]],
  },
  {
    name: "a new leader proposes a change before all from before its term is applied",
    missedByGoldens: true,
    edits: [["roles/transitions.ts", "state.pendingChangeIndex = state.log.lastIndex;", ""]],
  },
  {
    name: "a joint configuration is left twice",
    missedByGoldens: true,
    edits: [
      ["replication/propose.ts", "if (state.log.applied < state.pendingChangeIndex) return;", ""],
    ],
  },
  {
    name: "a change that cannot be made is put into the log",
    edits: [
      [
        "replication/propose.ts",
        "if (!isJoint(configuration) && change.changes.length === 0)",
        "if (false)",
      ],
      ["replication/propose.ts", "changed(configuration, change);\n", "\n"],
    ],
  },
  {
    name: "a joint configuration is not left by itself",
    edits: [["ready-gate.ts", "proposeAutoLeave(state);", ""]],
  },
  {
    name: "a leader that is no member any more takes proposals",
    edits: [["replication/propose.ts", "if (!progress.has(id))", "if (false)"]],
  },
  {
    name: "a removed leader leads on",
    edits: [["membership/switch.ts", "if (state.options.stepDownOnRemoval)", "if (false)"]],
  },
  {
    name: "a demoted leader leads on",
    edits: [
      [
        "membership/switch.ts",
        "if (!isVoter(configuration, state.id)) {",
        "if (!state.progress.has(state.id)) {",
      ],
    ],
  },
  {
    name: "a new member counts as inactive",
    edits: [["membership/switch.ts", "recentlyActive: true,", "recentlyActive: false,"]],
  },
  {
    name: "a new member is left alone until something is proposed",
    edits: [["membership/switch.ts", "maybeSendAppend(state, id, false);", "{}"]],
  },
  {
    name: "what is known of the members that stay is forgotten",
    edits: [["membership/switch.ts", "known ?? freshProgress(", "freshProgress("]],
  },
  {
    name: "a demoted outgoing voter becomes a learner at once",
    edits: [
      [
        "membership/changer.ts",
        "if (draft.outgoing.has(node)) draft.learnersNext.add(node);\n  else ",
        "",
      ],
    ],
  },
  {
    name: "learners to be are forgotten with the joint configuration",
    edits: [
      [
        "membership/changer.ts",
        "[...configuration.learners, ...configuration.learnersNext]",
        "configuration.learners",
      ],
    ],
  },
  {
    name: "a joint configuration does not outlive a restart",
    edits: [
      ["membership/restore.ts", "new Set(state.votersOutgoing)", "new Set()"],
      ["membership/restore.ts", "new Set(state.learnersNext)", "new Set()"],
      ["membership/restore.ts", "autoLeave: state.autoLeave", "autoLeave: false"],
    ],
  },
  {
    name: "a change that was applied after the snapshot is forgotten by a restart",
    edits: [["open-state.ts", "replayAppliedChanges(state, snapshot?.index ?? 0);", ""]],
  },
];
