import type { Random } from "./prng.ts";

/** What goes wrong in one run, as a plain record: drawn from a seed, printed with a failure, replayed by hand. */
export interface FaultPlan {
  readonly network: NetworkFaults;
  readonly disk: DiskFaults;
  readonly process: ProcessFaults;
}

/** Faults of links. All probabilities are in [0, 1]. */
export interface NetworkFaults {
  /** No packet arrives sooner, in milliseconds. */
  readonly delayMsMin: number;
  /** The mean delay; what exceeds the minimum is exponentially distributed. At least `delayMsMin`. */
  readonly delayMsMean: number;
  /** That a packet is lost. */
  readonly loss: number;
  /** That a packet that arrives does so twice. */
  readonly duplication: number;
  /** That a packet may overtake earlier ones of its link; the others keep their order. */
  readonly reordering: number;
  /** That a packet is held up for `lateMsMean` more, without holding up others of its link; then a cut does not reach it. */
  readonly late: number;
  /** Mean of what a late packet takes longer, in milliseconds; exponentially distributed. */
  readonly lateMsMean: number;
  /** Mean time between new partitions, in milliseconds; 0 is never. For the run's own loop, see `healAllMs`. */
  readonly partitionEveryMs: number;
  /** Mean time until a partition heals, in milliseconds. */
  readonly healAfterMs: number;
  /** That a partition is one-way. */
  readonly partitionOneWay: number;
}

/** Faults of disks at a crash. */
export interface DiskFaults {
  /** That a crash loses the whole unsynced tail of a file; otherwise a part of it survives. */
  readonly loseUnsynced: number;
  /** That the surviving part ends in damaged bytes. */
  readonly tear: number;
}

/** Faults of processes, for the run's own loop. */
export interface ProcessFaults {
  /** Mean time between crashes, in milliseconds; 0 is never. */
  readonly crashEveryMs: number;
  /** Mean time until a crashed process is back, in milliseconds. */
  readonly restartAfterMs: number;
  /** Mean time between pauses (the process stands still and then goes on), in milliseconds; 0 is never. */
  readonly pauseEveryMs: number;
  /** Mean length of a pause, in milliseconds. */
  readonly pauseMs: number;
}

/** Network faults that are none: a fixed delay of one millisecond. */
export const noNetworkFaults: NetworkFaults = Object.freeze({
  delayMsMin: 1,
  delayMsMean: 1,
  loss: 0,
  duplication: 0,
  reordering: 0,
  late: 0,
  lateMsMean: 0,
  partitionEveryMs: 0,
  healAfterMs: 0,
  partitionOneWay: 0,
});

/** The plan of a healthy world. */
export const noFaults: FaultPlan = Object.freeze({
  network: noNetworkFaults,
  disk: Object.freeze({ loseUnsynced: 0, tear: 0 }),
  process: Object.freeze({ crashEveryMs: 0, restartAfterMs: 0, pauseEveryMs: 0, pauseMs: 0 }),
});

/** Upper bounds for what {@link drawFaultPlan} draws. */
export interface FaultPlanBounds {
  /** Default 20 ms. */
  readonly delayMsMeanMax?: number;
  /** Default 0.2. */
  readonly lossMax?: number;
  /** Typical time between two events of one kind (partition, crash, pause), in milliseconds. Default 10 000. */
  readonly periodMs?: number;
}

/**
 * Draws a plan by swarm testing: each feature is left out of half of the plans, so that some runs combine few faults
 * strongly instead of every run having a little of each.
 */
export function drawFaultPlan(random: Random, bounds: FaultPlanBounds = {}): FaultPlan {
  const periodMs = bounds.periodMs ?? 10_000;
  const lossMax = bounds.lossMax ?? 0.2;
  const delayMsMin = random.range(0.1, 2);
  const delayMsMeanMax = Math.max(delayMsMin, bounds.delayMsMeanMax ?? 20);
  const amount = (max: number): number => (random.chance(0.5) ? random.range(0, max) : 0);
  const every = (): number => (random.chance(0.5) ? random.range(periodMs / 4, periodMs * 2) : 0);
  return {
    network: {
      delayMsMin,
      delayMsMean: random.range(delayMsMin, delayMsMeanMax),
      loss: amount(lossMax),
      duplication: amount(0.2),
      reordering: amount(0.5),
      // Of few runs, and by the run's own choice.
      late: 0,
      lateMsMean: 0,
      partitionEveryMs: every(),
      healAfterMs: random.range(periodMs / 20, periodMs / 2),
      partitionOneWay: amount(1),
    },
    disk: { loseUnsynced: amount(1), tear: amount(1) },
    process: {
      crashEveryMs: every(),
      restartAfterMs: random.range(periodMs / 100, periodMs / 2),
      pauseEveryMs: every(),
      pauseMs: random.range(periodMs / 100, periodMs / 5),
    },
  };
}
