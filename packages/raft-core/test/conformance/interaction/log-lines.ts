import type { ChangeObstacle, ConfChange, NodeId, RaftTrace } from "../../../src/index.ts";
import { quote } from "../quote.ts";
import { ROLES, describeConfiguration, describePeer, hex } from "../describe.ts";
import { messageName } from "./describe-message.ts";

export const LEVELS = ["DEBUG", "INFO", "WARN", "ERROR", "FATAL", "NONE"] as const;
export type Level = (typeof LEVELS)[number];

/** A line that the reference logs. */
export interface LogLine {
  readonly level: Level;
  readonly text: string;
}

const debug = (text: string): LogLine => ({ level: "DEBUG", text });
const info = (text: string): LogLine => ({ level: "INFO", text });
const warn = (text: string): LogLine => ({ level: "WARN", text });
const error = (text: string): LogLine => ({ level: "ERROR", text });

type TraceOf<Type extends RaftTrace["type"]> = Extract<RaftTrace, { readonly type: Type }>;
type Renderers = {
  readonly [Type in RaftTrace["type"]]: (event: TraceOf<Type>, self: string) => LogLine | undefined;
};

const silent = (): undefined => undefined;
const voteName = (pre: boolean): string => messageName(pre ? "pre-vote" : "vote");
const voteResponseName = (pre: boolean): string =>
  messageName(pre ? "pre-vote-response" : "vote-response");
const snapshotName = ({ index, term }: { index: number; term: number }): string =>
  `[index: ${index}, term: ${term}]`;

/** Both logs of a vote, with `what` was done between them. */
function voteSides(
  event: TraceOf<"vote-answered"> | TraceOf<"vote-ignored">,
  self: string,
  what: string,
): string {
  const { lastTerm, lastIndex, vote, candidate, logTerm, index, term } = event;
  return (
    `${self} [logterm: ${lastTerm}, index: ${lastIndex}, vote: ${hex(vote)}] ${what} ` +
    `${hex(candidate)} [logterm: ${logTerm}, index: ${index}] at term ${term}`
  );
}

const ELECTION = {
  started: ({ voters, term, commit, applied, lastIndex, lastTerm }, self) =>
    info(
      `newRaft ${self} [peers: [${voters.map(hex).join(",")}], term: ${term}, commit: ${commit}, ` +
        `applied: ${applied}, lastindex: ${lastIndex}, lastterm: ${lastTerm}]`,
    ),
  role: ({ role, term }, self) => info(`${self} became ${role} at term ${term}`),
  "quorum-lost": (_event, self) =>
    warn(`${self} stepped down to follower since quorum is not active`),
  "campaign-refused": ({ reason, term }, self) => campaignRefused(reason, term, self),
  "campaign-started": ({ term }, self) =>
    info(`${self} is starting a new election at term ${term}`),
  "vote-requested": ({ to, pre, term, lastIndex, lastTerm }, self) =>
    info(
      `${self} [logterm: ${lastTerm}, index: ${lastIndex}] sent ${voteName(pre)} request to ` +
        `${hex(to)} at term ${term}`,
    ),
  "vote-received": ({ from, pre, granted, term }, self) =>
    info(
      `${self} received ${voteResponseName(pre)}${granted ? "" : " rejection"} from ` +
        `${hex(from)} at term ${term}`,
    ),
  "votes-counted": ({ pre, granted, rejected }, self) =>
    info(
      `${self} has received ${granted} ${voteResponseName(pre)} votes and ` +
        `${rejected} vote rejections`,
    ),
  "vote-answered": (event, self) => {
    const name = voteName(event.pre);
    return info(
      voteSides(event, self, event.granted ? `cast ${name} for` : `rejected ${name} from`),
    );
  },
  "vote-ignored": (event, self) =>
    info(
      `${voteSides(event, self, `ignored ${voteName(event.pre)} from`)}: ` +
        `lease is not expired (remaining ticks: ${event.remainingTicks})`,
    ),
  "later-term": ({ message, from, term, messageTerm }, self) =>
    info(
      `${self} [term: ${term}] received a ${messageName(message)} message with higher term from ` +
        `${hex(from)} [term: ${messageTerm}]`,
    ),
  "earlier-term": ({ message, from, term, messageTerm }, self) =>
    info(
      `${self} [term: ${term}] ignored a ${messageName(message)} message with lower term from ` +
        `${hex(from)} [term: ${messageTerm}]`,
    ),
  "earlier-write": ({ term, messageTerm }, self) =>
    info(
      `${self} [term: ${term}] ignored entry appends from a MsgStorageAppendResp message with ` +
        `lower term [term: ${messageTerm}]`,
    ),
  "timeout-now": ({ from, role, term, outcome }, self) =>
    outcome === "ignored"
      ? debug(`${self} [term ${term} state ${ROLES[role]}] ignored MsgTimeoutNow from ${hex(from)}`)
      : info(
          `${self} [term ${term}] received MsgTimeoutNow from ${hex(from)} and starts an ` +
            "election to get leadership.",
        ),
} satisfies Partial<Renderers>;

function campaignRefused(
  reason: TraceOf<"campaign-refused">["reason"],
  term: number,
  self: string,
): LogLine | undefined {
  switch (reason) {
    case "already-leader":
      return debug(`${self} ignoring MsgHup because already leader`);
    case "not-promotable":
      return warn(`${self} is unpromotable and can not campaign`);
    case "pending-change":
      return warn(
        `${self} cannot campaign at term ${term} since there are still pending configuration ` +
          "changes to apply",
      );
    case "terms-exhausted":
      return undefined;
  }
}

const PROPOSALS = {
  "proposal-dropped": ({ reason, term, leader, transferee }, self) =>
    proposalDropped(reason, { term, leader, transferee }, self),
  "change-refused": ({ change, confState, obstacle }, self) =>
    info(
      `${self} ignoring conf change ${describeChange(change)} at config ` +
        `${describeConfiguration(confState)}: ${describeObstacle(obstacle)}`,
    ),
  "auto-leave": ({ confState, outcome }) => {
    const what = `initiating automatic transition out of joint configuration ${describeConfiguration(confState)}`;
    return outcome === "proposed" ? info(what) : debug(`not ${what}: raft proposal dropped`);
  },
  members: ({ confState }, self) =>
    info(`${self} switched to configuration ${describeConfiguration(confState)}`),
  commit: silent,
} satisfies Partial<Renderers>;

function proposalDropped(
  reason: TraceOf<"proposal-dropped">["reason"],
  at: { readonly term: number; readonly leader: NodeId; readonly transferee: NodeId },
  self: string,
): LogLine | undefined {
  switch (reason) {
    case "no-leader":
      return info(`${self} no leader at term ${at.term}; dropping proposal`);
    case "not-forwarded":
      return info(
        `${self} not forwarding to leader ${hex(at.leader)} at term ${at.term}; dropping proposal`,
      );
    case "transfer-in-progress":
      return debug(
        `${self} [term ${at.term}] transfer leadership to ${hex(at.transferee)} is in progress; ` +
          "dropping proposal",
      );
    case "uncommitted-limit":
      return warn(
        `${self} appending new entries to log would exceed uncommitted entry size limit; ` +
          "dropping proposal",
      );
    case "not-a-member":
      return undefined;
  }
}

function describeObstacle(obstacle: ChangeObstacle): string {
  switch (obstacle.kind) {
    case "unapplied":
      return `possible unapplied conf change at index ${obstacle.index} (applied to ${obstacle.applied})`;
    case "joint":
      return "must transition out of joint config first";
    case "not-joint":
      return "not in joint state; refusing empty conf change";
    case "unsupported":
      return obstacle.reason;
  }
}

const TRANSITIONS: Readonly<Record<ConfChange["transition"], string>> = {
  auto: "ConfChangeTransitionAuto",
  "joint-implicit": "ConfChangeTransitionJointImplicit",
  "joint-explicit": "ConfChangeTransitionJointExplicit",
};
const CHANGES: Readonly<Record<ConfChange["changes"][number]["type"], string>> = {
  "add-voter": "ConfChangeAddNode",
  "add-learner": "ConfChangeAddLearnerNode",
  remove: "ConfChangeRemoveNode",
  update: "ConfChangeUpdateNode",
};

function describeChange({ transition, changes, context }: ConfChange): string {
  const parts = changes.map(({ type, node }) => ` changes:{type:${CHANGES[type]} node_id:${node}}`);
  const end = context.length > 0 ? ` context:${quote(context)}` : "";
  return `transition:${TRANSITIONS[transition]}${parts.join("")}${end}`;
}

const REPLICATION = {
  "unknown-peer": ({ from }, self) => debug(`${self} no progress available for ${hex(from)}`),
  "answer-dropped": silent,
  "append-refused": ({ from, index, hint, hintTerm }, self) =>
    debug(
      `${self} received MsgAppResp(rejected, hint: (index ${hint}, term ${hintTerm})) from ` +
        `${hex(from)} for index ${index}`,
    ),
  "peer-decreased": ({ peer }, self) =>
    debug(`${self} decreased progress of ${hex(peer.id)} to [${describePeer(peer)}]`),
  "peer-recovered": ({ peer }, self) =>
    debug(
      `${self} recovered from needing snapshot, resumed sending replication messages to ` +
        `${hex(peer.id)} [${describePeer(peer)}]`,
    ),
  "peer-unreachable": ({ peer }, self) =>
    debug(
      `${self} failed to send message to ${hex(peer.id)} because it is unreachable ` +
        `[${describePeer(peer)}]`,
    ),
  "peer-paused": ({ peer }, self) =>
    debug(`${self} paused sending replication messages to ${hex(peer.id)} [${describePeer(peer)}]`),
  "snapshot-reported": ({ peer, outcome }, self) =>
    debug(
      `${self} snapshot ${outcome === "finished" ? "succeeded" : "failed"}, resumed sending ` +
        `replication messages to ${hex(peer.id)} [${describePeer(peer)}]`,
    ),
  "snapshot-deferred": ({ to }) =>
    debug(`ignore sending snapshot to ${hex(to)} since it is not recently active`),
  "snapshot-sent": ({ peer, firstIndex, commit, index, term }, self) =>
    debug(
      `${self} [firstindex: ${firstIndex}, commit: ${commit}] sent snapshot` +
        `${snapshotName({ index, term })} to ${hex(peer.id)} [${describePeer(peer)}]`,
    ),
} satisfies Partial<Renderers>;

const LOG = {
  "append-rejected": ({ from, index, logTerm, ownTerm }, self) =>
    debug(
      `${self} [logterm: ${ownTerm}, index: ${index}] rejected MsgApp ` +
        `[logterm: ${logTerm}, index: ${index}] from ${hex(from)}`,
    ),
  "conflict-found": ({ index, existingTerm, conflictingTerm }) =>
    info(
      `found conflict at index ${index} [existing term: ${existingTerm}, ` +
        `conflicting term: ${conflictingTerm}]`,
    ),
  "tail-replaced": ({ index, all }) =>
    info(
      all
        ? `replace the unstable entries from index ${index}`
        : `truncate the unstable entries before index ${index}`,
    ),
  "write-ignored": ({ reason, index, term, ownTerm }) => {
    switch (reason) {
      case "missing":
        return info(`entry at index ${index} missing from unstable log; ignoring`);
      case "snapshot":
        return info(`entry at index ${index} matched unstable snapshot; ignoring`);
      case "other-term":
        return info(
          `entry at (index,term)=(${index},${term}) mismatched with entry at ` +
            `(${index},${ownTerm}) in unstable log; ignoring`,
        );
    }
  },
  "restore-started": (event) =>
    info(
      `log [committed=${event.commit}, applied=${event.applied}, applying=${event.applying}, ` +
        `unstable.offset=${event.unstableFrom}, unstable.offsetInProgress=${event.unwrittenFrom}, ` +
        `len(unstable.Entries)=${event.unstableCount}] starts to restore snapshot ` +
        snapshotName(event),
    ),
  "snapshot-restored": (event, self) =>
    info(`${self} ${logEnd(event)} restored snapshot ${snapshotName(event)}`),
  "snapshot-known": (event, self) =>
    info(`${self} ${logEnd(event)} fast-forwarded commit to snapshot ${snapshotName(event)}`),
  "snapshot-answered": ({ commit, index, term, restored }, self) =>
    info(
      `${self} [commit: ${commit}] ${restored ? "restored" : "ignored"} snapshot ` +
        snapshotName({ index, term }),
    ),
} satisfies Partial<Renderers>;

function logEnd(event: TraceOf<"snapshot-restored" | "snapshot-known">): string {
  const { commit, lastIndex, lastTerm } = event;
  return `[commit: ${commit}, lastindex: ${lastIndex}, lastterm: ${lastTerm}]`;
}

const LEADERSHIP = {
  transfer: ({ to, term, outcome }, self) => {
    switch (outcome) {
      case "started":
        return info(`${self} [term ${term}] starts to transfer leadership to ${hex(to)}`);
      case "superseded":
        return info(`${self} [term ${term}] abort previous transferring leadership to ${hex(to)}`);
      case "aborted":
        return undefined;
    }
  },
  "transfer-ignored": ({ to, term, reason }, self) => {
    switch (reason) {
      case "not-a-member":
        return debug(`${self} no progress available for ${hex(to)}`);
      case "learner":
        return debug(`${self} is learner. Ignored transferring leadership`);
      case "in-progress":
        return info(
          `${self} [term ${term}] transfer leadership to ${hex(to)} is in progress, ignores ` +
            `request to same node ${hex(to)}`,
        );
      case "already-leader":
        return debug(`${self} is already leader. Ignored transferring leadership to self`);
      case "no-leader":
        return info(`${self} no leader at term ${term}; dropping leader transfer msg`);
    }
  },
  "timeout-now-sent": ({ to, when }, self) => {
    const name = `MsgTimeoutNow to ${hex(to)}`;
    return when === "at-once"
      ? info(`${self} sends ${name} immediately as ${hex(to)} already has up-to-date log`)
      : info(`${self} sent ${name} after received MsgAppResp`);
  },
  "leader-forgotten": ({ leader, term }, self) =>
    info(`${self} forgetting leader ${hex(leader)} at term ${term}`),
  "forget-refused": () => error("ignoring MsgForgetLeader due to ReadOnlyLeaseBased"),
  "read-dropped": ({ role, term }, self) =>
    role === "follower"
      ? info(`${self} no leader at term ${term}; dropping index reading msg`)
      : undefined,
  "read-refused": silent,
} satisfies Partial<Renderers>;

const RENDERERS: Renderers = {
  ...ELECTION,
  ...PROPOSALS,
  ...REPLICATION,
  ...LOG,
  ...LEADERSHIP,
  sent: silent,
};

/** The reference's log line for a trace event of node `self`; undefined when it logs nothing. */
export function logLine(event: RaftTrace, self: NodeId): LogLine | undefined {
  const render = RENDERERS[event.type] as (event: RaftTrace, self: string) => LogLine | undefined;
  return render(event, hex(self));
}
