/** A line that etcd's raft logs. */
export interface LogTemplate {
  readonly level: "DEBUG" | "INFO" | "WARN" | "ERROR";
  /** In the notation of Go: `%x %d` are numbers, `%s %v` text. */
  readonly text: string;
  /** Why this core never says so; absent when it does. */
  readonly never?: string;
}

const DEFENCE = "a defence against what the core makes impossible";
const CANNOT_FAIL = "its own ticks cannot fail";

/** All log lines of etcd's raft that are no panics, in the order of `raft.go` and its log. */
export const LOG_TEMPLATES: readonly LogTemplate[] = [
  {
    level: "INFO",
    text: "newRaft %x [peers: [%s], term: %d, commit: %d, applied: %d, lastindex: %d, lastterm: %d]",
  },
  { level: "INFO", text: "%x switched to configuration %s" },
  { level: "INFO", text: "%x became follower at term %d" },
  { level: "INFO", text: "%x became candidate at term %d" },
  { level: "INFO", text: "%x became pre-candidate at term %d" },
  { level: "INFO", text: "%x became leader at term %d" },
  { level: "WARN", text: "%x stepped down to follower since quorum is not active" },
  { level: "DEBUG", text: "%x ignoring MsgHup because already leader" },
  { level: "WARN", text: "%x is unpromotable and can not campaign" },
  {
    level: "WARN",
    text: "%x cannot campaign at term %d since there are still pending configuration changes to apply",
  },
  { level: "INFO", text: "%x is starting a new election at term %d" },
  {
    level: "WARN",
    text: "%x is unpromotable; campaign() should have been called",
    never: DEFENCE,
  },
  {
    level: "INFO",
    text: "%x [logterm: %d, index: %d] sent MsgVote request to %x at term %d",
  },
  {
    level: "INFO",
    text: "%x [logterm: %d, index: %d] sent MsgPreVote request to %x at term %d",
  },
  { level: "INFO", text: "%x received MsgVoteResp from %x at term %d" },
  { level: "INFO", text: "%x received MsgPreVoteResp from %x at term %d" },
  { level: "INFO", text: "%x received MsgVoteResp rejection from %x at term %d" },
  { level: "INFO", text: "%x received MsgPreVoteResp rejection from %x at term %d" },
  { level: "INFO", text: "%x has received %d MsgVoteResp votes and %d vote rejections" },
  { level: "INFO", text: "%x has received %d MsgPreVoteResp votes and %d vote rejections" },
  ...["MsgVote", "MsgPreVote"].flatMap((name): LogTemplate[] => [
    {
      level: "INFO",
      text: `%x [logterm: %d, index: %d, vote: %x] cast ${name} for %x [logterm: %d, index: %d] at term %d`,
    },
    {
      level: "INFO",
      text: `%x [logterm: %d, index: %d, vote: %x] rejected ${name} from %x [logterm: %d, index: %d] at term %d`,
    },
    {
      level: "INFO",
      text: `%x [logterm: %d, index: %d, vote: %x] ignored ${name} from %x [logterm: %d, index: %d] at term %d: lease is not expired (remaining ticks: %d)`,
    },
  ]),
  { level: "DEBUG", text: "error occurred during election: %v", never: CANNOT_FAIL },
  { level: "DEBUG", text: "%x [term %d state %v] ignored MsgTimeoutNow from %x" },
  {
    level: "INFO",
    text: "%x [term: %d] received a %s message with higher term from %x [term: %d]",
  },
  { level: "INFO", text: "%x [term: %d] ignored a %s message with lower term from %x [term: %d]" },
  {
    level: "INFO",
    text: "%x [term: %d] ignored entry appends from a MsgStorageAppendResp message with lower term [term: %d]",
  },
  {
    level: "DEBUG",
    text: "%x [term %d] transfer leadership to %x is in progress; dropping proposal",
  },
  {
    level: "WARN",
    text: "%x appending new entries to log would exceed uncommitted entry size limit; dropping proposal",
  },
  { level: "INFO", text: "%x no leader at term %d; dropping proposal" },
  { level: "INFO", text: "%x not forwarding to leader %x at term %d; dropping proposal" },
  ...[
    "possible unapplied conf change at index %d (applied to %d)",
    "must transition out of joint config first",
    "not in joint state; refusing empty conf change",
  ].map((reason): LogTemplate => ({
    level: "INFO",
    text: `%x ignoring conf change %s at config %s: ${reason}`,
  })),
  { level: "INFO", text: "initiating automatic transition out of joint configuration %s" },
  {
    level: "DEBUG",
    text: "not initiating automatic transition out of joint configuration %s: %v",
  },
  { level: "DEBUG", text: "%x no progress available for %x" },
  {
    level: "DEBUG",
    text: "%x received MsgAppResp(rejected, hint: (index %d, term %d)) from %x for index %d",
  },
  { level: "DEBUG", text: "%x decreased progress of %x to [%s]" },
  {
    level: "DEBUG",
    text: "%x recovered from needing snapshot, resumed sending replication messages to %x [%s]",
  },
  { level: "DEBUG", text: "ignore sending snapshot to %x since it is not recently active" },
  {
    level: "DEBUG",
    text: "%x failed to send snapshot to %x because snapshot is temporarily unavailable",
    never: "the core knows of a snapshot only once there is one",
  },
  {
    level: "DEBUG",
    text: "%x [firstindex: %d, commit: %d] sent snapshot[index: %d, term: %d] to %x [%s]",
  },
  { level: "DEBUG", text: "%x paused sending replication messages to %x [%s]" },
  {
    level: "DEBUG",
    text: "%x snapshot succeeded, resumed sending replication messages to %x [%s]",
  },
  { level: "DEBUG", text: "%x snapshot failed, resumed sending replication messages to %x [%s]" },
  {
    level: "DEBUG",
    text: "%x failed to send message to %x because it is unreachable [%s]",
  },
  {
    level: "DEBUG",
    text: "error occurred during checking sending heartbeat: %v",
    never: CANNOT_FAIL,
  },
  {
    level: "DEBUG",
    text: "%x [logterm: %d, index: %d] rejected MsgApp [logterm: %d, index: %d] from %x",
  },
  {
    level: "INFO",
    text: "found conflict at index %d [existing term: %d, conflicting term: %d]",
  },
  { level: "INFO", text: "replace the unstable entries from index %d" },
  { level: "INFO", text: "truncate the unstable entries before index %d" },
  { level: "INFO", text: "entry at index %d missing from unstable log; ignoring" },
  { level: "INFO", text: "entry at index %d matched unstable snapshot; ignoring" },
  {
    level: "INFO",
    text: "entry at (index,term)=(%d,%d) mismatched with entry at (%d,%d) in unstable log; ignoring",
  },
  {
    level: "INFO",
    text: "log [committed=%d, applied=%d, applying=%d, unstable.offset=%d, unstable.offsetInProgress=%d, len(unstable.Entries)=%d] starts to restore snapshot [index: %d, term: %d]",
  },
  {
    level: "INFO",
    text: "%x [commit: %d, lastindex: %d, lastterm: %d] restored snapshot [index: %d, term: %d]",
  },
  { level: "INFO", text: "%x [commit: %d] restored snapshot [index: %d, term: %d]" },
  { level: "INFO", text: "%x [commit: %d] ignored snapshot [index: %d, term: %d]" },
  {
    level: "INFO",
    text: "%x [commit: %d, lastindex: %d, lastterm: %d] fast-forwarded commit to snapshot [index: %d, term: %d]",
  },
  {
    level: "WARN",
    text: "%x attempted to restore snapshot as leader; should never happen",
    never: DEFENCE,
  },
  {
    level: "WARN",
    text: "%x attempted to restore snapshot but it is not in the ConfState %v; should never happen",
    never: "a joiner may be given a snapshot from before it was added",
  },
  { level: "DEBUG", text: "%x is learner. Ignored transferring leadership" },
  {
    level: "INFO",
    text: "%x [term %d] transfer leadership to %x is in progress, ignores request to same node %x",
  },
  { level: "INFO", text: "%x [term %d] abort previous transferring leadership to %x" },
  {
    level: "DEBUG",
    text: "%x is already leader. Ignored transferring leadership to self",
  },
  { level: "INFO", text: "%x [term %d] starts to transfer leadership to %x" },
  {
    level: "INFO",
    text: "%x sends MsgTimeoutNow to %x immediately as %x already has up-to-date log",
  },
  { level: "INFO", text: "%x sent MsgTimeoutNow to %x after received MsgAppResp" },
  { level: "INFO", text: "%x no leader at term %d; dropping leader transfer msg" },
  {
    level: "INFO",
    text: "%x [term %d] received MsgTimeoutNow from %x and starts an election to get leadership.",
  },
  { level: "INFO", text: "%x forgetting leader %x at term %d" },
  { level: "ERROR", text: "ignoring MsgForgetLeader due to ReadOnlyLeaseBased" },
  { level: "INFO", text: "%x no leader at term %d; dropping index reading msg" },
  {
    level: "ERROR",
    text: "%x invalid format of MsgReadIndexResp from %x, entries count: %d",
    never: "the codec refuses such a message",
  },
  {
    level: "ERROR",
    text: "pending MsgReadIndex should be released only after first commit in current term",
    never: DEFENCE,
  },
];

/** A pattern for the lines of a template. */
export function patternOf({ level, text }: LogTemplate): RegExp {
  const escaped = text.replaceAll(/[\\^$.*+?()[\]{}|]/gu, String.raw`\$&`);
  const filled = escaped
    .replaceAll("%d", "[0-9]+")
    .replaceAll("%x", "[0-9a-f]+")
    .replaceAll(/%[sv]/gu, ".*");
  return new RegExp(`^ *${level} ${filled}$`, "u");
}
