import type { NetworkFaults, Random } from "@waggle/simkit";
import type { RaftOptions } from "../../src/index.ts";

/** What a run is mostly about. Seeds take turns, so that any few hundred of them cover all. */
export const PROFILES = [
  "calm",
  "lossy",
  "late",
  "partitions",
  "crashes",
  "churn",
  "slow-disks",
  "tiny-limits",
  "snapshots",
  "skewed-clocks",
  "small-groups",
  "leases",
  "contested",
  "stale-leaders",
  "everything",
] as const;
export type ProfileName = (typeof PROFILES)[number];

/** Options of one member that a profile decides, drawn anew at each start. */
export type MemberSettings = Omit<RaftOptions, "id" | "initial" | "random" | "applied" | "trace">;

/** How fast a member's disk and state machine are. */
export interface DiskSpeed {
  readonly writeMsMax: number;
  readonly applyMsMax: number;
  /** That a write takes `stallMsMax` at most instead. */
  readonly stalls: number;
  readonly stallMsMax: number;
}

/** Everything about a run that does not come from its events; 0 as a mean distance is never. */
export interface Profile {
  readonly name: ProfileName;
  /** Voters at the start. */
  readonly size: number;
  readonly faultyMs: number;
  readonly network: Partial<NetworkFaults>;
  readonly partitions: {
    readonly everyMs: number;
    readonly healMs: number;
    readonly oneWay: number;
    /** That a leader is on the smaller side. */
    readonly leaderAlone: number;
  };
  readonly crashes: {
    readonly everyMs: number;
    readonly downMs: number;
    readonly leader: number;
    readonly wholeGroup: number;
  };
  readonly pauses: { readonly everyMs: number; readonly forMs: number };
  readonly compactEvery: number;
  /** Entries that stay behind a snapshot. */
  readonly margin: number;
  /** All the same, with a tenth of jitter, or each member at its own speed. */
  readonly clocks: "even" | "jittered" | "skewed";
  readonly work: {
    readonly proposeMs: number;
    readonly batchMax: number;
    readonly bytesMax: number;
    readonly readMs: number;
    readonly changeMs: number;
    readonly transferMs: number;
    readonly reportMs: number;
    readonly forgetMs: number;
  };
  readonly settings: (random: Random) => MemberSettings;
  readonly disk: (random: Random) => DiskSpeed;
}

const UNLIMITED = 1_048_576;

/** Draws the run of a seed: its profile by turns, all else at random. */
export function drawProfile(seed: number, random: Random): Profile {
  const name = PROFILES[seed % PROFILES.length]!;
  const base = drawBase(name, random);
  switch (name) {
    case "calm":
      return calm(base);
    case "lossy":
      return { ...base, network: lossy(random) };
    case "late":
      return { ...base, network: { ...lossy(random), late: 0.15, lateMsMean: 250, loss: 0.05 } };
    case "partitions":
      return { ...base, partitions: { ...base.partitions, everyMs: 150, healMs: 150 } };
    case "crashes":
      return { ...base, crashes: { ...base.crashes, everyMs: 100, downMs: 80 } };
    case "churn":
      return churn(base);
    case "slow-disks":
      return { ...base, disk: slowDisk };
    case "tiny-limits":
      return { ...base, settings: (draw) => ({ ...base.settings(draw), ...tinyLimits(draw) }) };
    case "snapshots":
      return { ...base, compactEvery: 3, margin: 0, pauses: { everyMs: 250, forMs: 150 } };
    case "skewed-clocks":
      return { ...base, clocks: "skewed" };
    case "small-groups":
      return { ...base, size: random.pick([1, 2, 2]), work: { ...base.work, changeMs: 80 } };
    case "leases":
      return leases(base);
    case "contested":
      return contested(base, random);
    case "stale-leaders":
      return staleLeaders(base, random);
    case "everything":
      return everything(base, random);
  }
}

function drawBase(name: ProfileName, random: Random): Profile {
  const sometimes = (everyMs: number): number => (random.chance(0.5) ? everyMs : 0);
  const group = drawGroupSettings(random);
  return {
    name,
    size: random.pick([3, 3, 5, 5, 7]),
    faultyMs: 1_800,
    network: {
      delayMsMin: random.range(0.1, 2),
      delayMsMean: random.range(2, 25),
      loss: random.chance(0.5) ? random.range(0, 0.2) : 0,
      duplication: random.chance(0.5) ? random.range(0, 0.2) : 0,
      reordering: random.chance(0.5) ? random.range(0, 0.5) : 0,
    },
    partitions: {
      everyMs: sometimes(300),
      healMs: random.range(20, 250),
      oneWay: random.chance(0.5) ? random.next() : 0,
      leaderAlone: random.range(0.2, 0.8),
    },
    crashes: {
      everyMs: sometimes(300),
      downMs: random.range(5, 200),
      leader: 0.5,
      wholeGroup: random.chance(0.3) ? 0.3 : 0,
    },
    pauses: { everyMs: sometimes(500), forMs: random.range(10, 250) },
    compactEvery: random.pick([4, 12, 1_000]),
    margin: random.pick([0, 3, 10]),
    clocks: "jittered",
    work: {
      proposeMs: random.pick([10, 25]),
      batchMax: 3,
      bytesMax: random.pick([5, 60]),
      readMs: random.pick([20, 60]),
      changeMs: sometimes(120),
      transferMs: sometimes(150),
      reportMs: 200,
      forgetMs: sometimes(250),
    },
    settings: (draw) => drawSettings(draw, group),
    disk: (draw) => ({
      writeMsMax: draw.pick([0.5, 4, 4, 12]),
      applyMsMax: draw.pick([0.5, 4, 12]),
      stalls: draw.pick([0, 0.02]),
      stallMsMax: 120,
    }),
  };
}

/** What all members have in common; `mixed` is what they need not. */
function drawGroupSettings(random: Random): MemberSettings & { readonly mixed: boolean } {
  return {
    electionTicks: random.pick([4, 7, 10]),
    preVote: random.chance(0.7),
    checkQuorum: random.chance(0.7),
    asyncStorageWrites: random.chance(0.5),
    stepDownOnRemoval: random.chance(0.7),
    mixed: random.chance(0.3),
    maxBytesPerAppend: random.pick([1, 100, UNLIMITED]),
    maxInflightAppends: random.pick([1, 3, 256]),
    maxCommittedBytesPerReady: random.pick([1, 100, UNLIMITED]),
    batchAppends: random.chance(0.5),
  };
}

function drawSettings(
  random: Random,
  { mixed, ...group }: ReturnType<typeof drawGroupSettings>,
): MemberSettings {
  if (!mixed) return group;
  return {
    ...group,
    asyncStorageWrites: random.chance(0.5),
    stepDownOnRemoval: random.chance(0.5),
    maxInflightAppends: random.pick([1, 3, 256]),
    priority: random.integer(3),
    // Without either, a member in a later term waits for ever for others that have a lease: one of both is everybody's.
    preVote: group.preVote === true || random.chance(0.5),
    checkQuorum: group.preVote === true ? random.chance(0.5) : group.checkQuorum === true,
  };
}

function calm(base: Profile): Profile {
  return {
    ...base,
    faultyMs: 600,
    network: { delayMsMin: 0.5, delayMsMean: 2 },
    partitions: { ...base.partitions, everyMs: 0 },
    crashes: { ...base.crashes, everyMs: 0 },
    pauses: { ...base.pauses, everyMs: 0 },
    work: { ...base.work, changeMs: 150, transferMs: 200 },
  };
}

function lossy(random: Random): Partial<NetworkFaults> {
  return {
    delayMsMin: 0.5,
    delayMsMean: random.range(5, 40),
    loss: random.range(0.1, 0.4),
    duplication: random.range(0.1, 0.4),
    reordering: random.range(0.2, 1),
  };
}

/** Some members' disks stand still for several elections at a time. */
function slowDisk(random: Random): DiskSpeed {
  const slow = random.chance(0.4);
  return {
    writeMsMax: slow ? 60 : 3,
    applyMsMax: random.pick([1, 40, 120]),
    stalls: slow ? 0.3 : 0.02,
    stallMsMax: 500,
  };
}

function tinyLimits(random: Random): MemberSettings {
  return {
    maxBytesPerAppend: random.pick([1, 30, 60]),
    maxInflightAppends: random.pick([1, 2, 3]),
    maxInflightBytes: random.pick([60, 150]),
    maxUncommittedBytes: random.pick([1, 150]),
    maxCommittedBytesPerReady: random.pick([1, 60]),
  };
}

/** Members come and go all the time, leadership is handed on, and entries are applied late. */
function churn(base: Profile): Profile {
  return {
    ...base,
    work: { ...base.work, changeMs: 30, transferMs: 50 },
    disk: (draw) => ({ ...base.disk(draw), applyMsMax: draw.pick([2, 60, 150]) }),
  };
}

function leases(base: Profile): Profile {
  return {
    ...base,
    clocks: "even",
    network: { delayMsMin: 0.5, delayMsMean: 4, loss: base.network.loss ?? 0 },
    partitions: { ...base.partitions, everyMs: 150 },
    pauses: { ...base.pauses, everyMs: 0 },
    work: { ...base.work, transferMs: 0, readMs: 8 },
    settings: (draw) => ({ ...base.settings(draw), checkQuorum: true, readMode: "lease" }),
  };
}

/**
 * Leaders are cut off with few others while they are given proposals, again and again, and some disks lag behind: logs
 * fork, and what was overwritten comes back.
 */
function contested(base: Profile, random: Random): Profile {
  return {
    ...base,
    size: random.pick([5, 7]),
    network: { delayMsMin: 0.2, delayMsMean: 2 },
    partitions: { everyMs: 90, healMs: 80, oneWay: 0, leaderAlone: 1 },
    crashes: { ...base.crashes, everyMs: random.pick([0, 400]) },
    compactEvery: 1_000,
    work: { ...base.work, proposeMs: 4, changeMs: 0, readMs: 10, transferMs: 0 },
    settings: (draw) => ({ ...base.settings(draw), electionTicks: 3, maxInflightAppends: 256 }),
    disk: (draw) => ({ ...slowDisk(draw), writeMsMax: draw.chance(0.3) ? 150 : 1 }),
  };
}

/**
 * Leaders that are cut off with a few followers, or that still hear but are not heard, go on leading and are asked for
 * reads, while the others have a new one; answers from before come late.
 */
function staleLeaders(base: Profile, random: Random): Profile {
  return {
    ...base,
    size: random.pick([5, 7]),
    network: { delayMsMin: 0.2, delayMsMean: 2, late: random.pick([0, 0.3]), lateMsMean: 80 },
    partitions: { everyMs: 250, healMs: 200, oneWay: random.pick([0, 0.8]), leaderAlone: 1 },
    crashes: { ...base.crashes, everyMs: 0 },
    pauses: { everyMs: 0, forMs: 0 },
    work: { ...base.work, proposeMs: 10, readMs: 3, changeMs: 0, transferMs: 0 },
    settings: (draw) => ({ ...base.settings(draw), electionTicks: 4, checkQuorum: false }),
    disk: () => ({ writeMsMax: 1, applyMsMax: 1, stalls: 0, stallMsMax: 0 }),
  };
}

function everything(base: Profile, random: Random): Profile {
  return {
    ...base,
    network: { ...lossy(random), loss: 0.1, late: 0.03, lateMsMean: 300 },
    partitions: { ...base.partitions, everyMs: 250 },
    crashes: { ...base.crashes, everyMs: 200 },
    pauses: { everyMs: 300, forMs: 100 },
    compactEvery: 6,
    clocks: "skewed",
    work: { ...base.work, changeMs: 120, transferMs: 200, forgetMs: 200 },
  };
}
