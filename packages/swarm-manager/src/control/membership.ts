/** The Raft group, as far as the control side needs it. Answers are those of the leader. */
export interface MembershipPort {
  /** Whether a member is not counted in the quorum yet, since it may still have to catch up. */
  isLearner(raftId: number): boolean;
  /**
   * Makes a learner a voter; resolves when that is committed, which waits until it is caught up. At once for a voter.
   * Rejects when it does not catch up: it stays a learner.
   */
  promoteManager(raftId: number): Promise<void>;
  /** Whether the group keeps a quorum of members that can be reached when this one goes. Asked on the leader only. */
  canRemoveManager(raftId: number): boolean;
  /**
   * Takes a member out; resolves when that is committed. An id that is no member is no error. The leader asked to
   * remove itself hands leadership over first and rejects: the next leader goes on.
   */
  removeManager(raftId: number): Promise<void>;
}
