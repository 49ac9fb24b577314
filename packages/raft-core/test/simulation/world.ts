import type { Random } from "@waggle/simkit";
import type { Message, NodeId } from "../../src/index.ts";
import type { Checkers } from "./checkers/checkers.ts";
import type { Coverage } from "./coverage.ts";
import type { Profile } from "./profile.ts";

/** What members, workload and faults share. */
export interface World {
  readonly profile: Profile;
  readonly random: Random;
  readonly checkers: Checkers;
  readonly coverage: Coverage;
  /** All who were members as of any applied entry. */
  readonly everMembers: Set<NodeId>;
  /** True once the faults have stopped. */
  isHealthy: boolean;
  /** Marked proposals that some member has applied. */
  readonly applied: Set<number>;
  now(): number;
  schedule(delayMs: number, run: () => void): void;
  send(message: Message): void;
  /** A fact of the run, for its digest: what differs between two runs must show here. */
  note(who: NodeId, fact: number): void;
  /** Called only when somebody reads the trace: texts cost time. */
  readonly trace: ((who: NodeId, text: string) => void) | undefined;
}

/** Who does what no member does. */
export const NOBODY = 0 as NodeId;
/** Length of a tick on a clock that is right. */
export const TICK_MS = 10;
