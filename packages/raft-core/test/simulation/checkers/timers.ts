import type { NodeId } from "../../../src/index.ts";
import type { Configuration } from "../../../src/membership/configuration.ts";
import { isQuorum } from "./view.ts";
import type { MemberView } from "./view.ts";
import { Violation } from "./violation.ts";

interface Clock {
  ticks: number;
  /** When a transfer began, in the leader's ticks. */
  transferSince: number;
  configuration: Configuration | undefined;
  /** When each peer was last heard of, in the leader's ticks. */
  readonly heard: Map<NodeId, number>;
}

/** A leader does not wait for ever: not for the target of a transfer, and not for a quorum that it checks. */
export class TimerChecker {
  readonly #clocks = new Map<NodeId, Clock>();

  started({ id }: MemberView): void {
    const clock = { ticks: 0, transferSince: 0, configuration: undefined, heard: new Map() };
    this.#clocks.set(id, clock);
  }

  won({ id }: MemberView): void {
    this.#clocks.get(id)!.configuration = undefined;
  }

  heard({ id }: MemberView, from: NodeId): void {
    const clock = this.#clocks.get(id)!;
    clock.heard.set(from, clock.ticks);
  }

  /** A transfer also puts off the next check of the quorum. */
  transferStarted({ id }: MemberView): void {
    const clock = this.#clocks.get(id)!;
    clock.transferSince = clock.ticks;
    clock.configuration = undefined;
  }

  ticked({ id, state }: MemberView): void {
    const clock = this.#clocks.get(id)!;
    clock.ticks += 1;
    const { role, transferee, configuration, options } = state!;
    if (role !== "leader") return;
    if (transferee !== 0 && clock.ticks > clock.transferSince + options.electionTicks)
      throw new Violation(`${id} waits for ${transferee} to lead beyond an election timeout`);
    if (clock.configuration !== configuration) {
      // A new term, or new members: everybody has a period of grace.
      clock.configuration = configuration;
      for (const peer of state!.progress.keys()) clock.heard.set(peer, clock.ticks);
    }
    const since = clock.ticks - 2 * options.electionTicks - 1;
    const isHeard = (peer: NodeId): boolean => peer === id || (clock.heard.get(peer) ?? 0) >= since;
    if (options.checkQuorum && !isQuorum(configuration, isHeard))
      throw new Violation(`${id} leads on without having heard from a quorum`);
  }
}
