import type { CallOptions } from "../node.ts";
import type { NodeId } from "@waggle/raft-core";
import type { Replica } from "./replica.ts";
import { RaftNodeError } from "../errors.ts";
import { CATCH_UP_ROUNDS_MAX, CATCH_UP_STALL_MS } from "../limits.ts";
import { checkCall } from "./call.ts";

/** Where a member stands at one moment, as its leader sees it. */
export interface Standing {
  readonly nowMs: number;
  readonly match: number;
  readonly lastIndex: number;
  /** When it was last heard. */
  readonly heardMs: number;
  /** A snapshot is on its way to it. */
  readonly isReceiving: boolean;
}

/** What a look at a member says: `next-round` began one, `stalled` and `too-slow` are final. */
export type Verdict = "waiting" | "next-round" | "caught-up" | "stalled" | "too-slow";

/**
 * Whether a learner is caught up (thesis, 4.2.1). A round replicates what the leader had when the round began; once a round
 * takes less than an election timeout, a voter of that speed would not hold up the group for longer than that.
 */
export class CatchUpRounds {
  readonly #roundMsMax: number;
  #round = 0;
  #target = 0;
  #startedMs = 0;
  #match = -1;
  #progressedMs = 0;

  constructor(roundMsMax: number) {
    this.#roundMsMax = roundMsMax;
  }

  get round(): number {
    return this.#round;
  }

  look(standing: Standing): Verdict {
    const { nowMs, match, heardMs, isReceiving } = standing;
    if (match > this.#match || isReceiving) {
      this.#match = Math.max(this.#match, match);
      this.#progressedMs = nowMs;
    }
    if (this.#round === 0) return this.#begin(standing);
    // What it had before the round, as in an idle group, does not show that it takes part.
    if (match < this.#target || heardMs <= this.#startedMs) {
      return nowMs - this.#progressedMs > CATCH_UP_STALL_MS ? "stalled" : "waiting";
    }
    if (nowMs - this.#startedMs <= this.#roundMsMax) return "caught-up";
    return this.#round < CATCH_UP_ROUNDS_MAX ? this.#begin(standing) : "too-slow";
  }

  #begin({ nowMs, lastIndex }: Standing): Verdict {
    this.#round += 1;
    this.#target = lastIndex;
    this.#startedMs = nowMs;
    return "next-round";
  }
}

/** Resolves once a learner is caught up. @throws RaftNodeError `not-caught-up`, `not-leader`, `unsupported-change`, … */
export async function untilCaughtUp(
  replica: Replica,
  id: NodeId,
  options: CallOptions,
): Promise<void> {
  const { electionTicks, tickMs } = replica.options;
  const rounds = new CatchUpRounds(electionTicks * tickMs);
  for (;;) {
    checkCall(replica, options);
    const standing = standingOf(replica, id);
    const verdict = rounds.look(standing);
    const { match, lastIndex } = standing;
    if (verdict === "caught-up") return;
    if (verdict === "stalled" || verdict === "too-slow") throw notCaughtUp(replica, id, verdict);
    if (verdict === "next-round") {
      const { round } = rounds;
      replica.events.emit({ type: "member-catching-up", node: id, round, match, lastIndex });
    }
    await replica.turn();
  }
}

/** Why a learner is not made a voter now. */
export function notCaughtUp(
  replica: Replica,
  id: NodeId,
  why: "stalled" | "too-slow" | "silent",
): RaftNodeError {
  const { match, lastIndex } = standingOf(replica, id);
  const reasons = {
    stalled: `it took nothing for ${CATCH_UP_STALL_MS} ms: see whether it runs and can be reached`,
    "too-slow": `entries come faster than it takes them, over ${CATCH_UP_ROUNDS_MAX} rounds: look at its disk and its link`,
    silent: "it was not heard lately: see whether it runs and can be reached",
  };
  return new RaftNodeError(
    "not-caught-up",
    `node ${id} has ${match} of ${lastIndex} entries, and ${reasons[why]}. It stays a learner, which the quorum does not` +
      " count; make the same call again, or remove it",
    { progress: { node: id, match, lastIndex, isLearner: true } },
  );
}

function standingOf(replica: Replica, id: NodeId): Standing {
  const { role, peers, lastIndex } = replica.core.status();
  if (role !== "leader") {
    throw new RaftNodeError("not-leader", `node ${id} stays as it is: another member leads`, {
      leader: replica.leader,
    });
  }
  const peer = peers.find((other) => other.id === id);
  if (peer === undefined) {
    throw new RaftNodeError("unsupported-change", `node ${id} is no member, or was removed again`);
  }
  return {
    nowMs: replica.options.clock.now(),
    match: peer.match,
    lastIndex,
    heardMs: replica.heardMs(id),
    isReceiving: replica.sender.isSending(id),
  };
}
