import type { SwimConfig } from "./options.ts";
import { membersMaxDefault, packetBytesMax, streamBytesMaxDefault } from "./limits.ts";

/**
 * For a local network or a data centre; the default. Close to memberlist's profile, tuned for small clusters: a crash
 * is agreed upon in about five seconds among five nodes, while a pause of two seconds is survived.
 */
export const lanPreset: SwimConfig = Object.freeze({
  probeIntervalMs: 1000,
  probeTimeoutMs: 500,
  indirectProbes: 3,
  streamProbe: true,
  suspicionMultiplier: 3,
  suspicionFactorMax: 4,
  suspicionConfirmations: 2,
  gossipIntervalMs: 200,
  gossipFanout: 3,
  gossipToTheDeadMs: 30_000,
  retransmitMultiplier: 4,
  syncIntervalMs: 15_000,
  reconnectIntervalMs: 5000,
  deadRetentionMs: 600_000,
  streamTimeoutMs: 5000,
  leaveTimeoutMs: 5000,
  stallMs: 400,
  packetBytesMax,
  streamBytesMax: streamBytesMaxDefault,
  membersMax: membersMaxDefault,
});

/** For nodes on one machine and for tests: everything about five times faster than `lan`. */
export const localPreset: SwimConfig = Object.freeze({
  ...lanPreset,
  probeIntervalMs: 200,
  probeTimeoutMs: 100,
  gossipIntervalMs: 50,
  gossipToTheDeadMs: 6000,
  syncIntervalMs: 3000,
  reconnectIntervalMs: 1000,
  deadRetentionMs: 60_000,
  streamTimeoutMs: 1000,
  leaveTimeoutMs: 2000,
  stallMs: 150,
});

/** For nodes far apart: slow to suspect, slow to declare dead. */
export const wanPreset: SwimConfig = Object.freeze({
  ...lanPreset,
  probeIntervalMs: 5000,
  probeTimeoutMs: 2500,
  suspicionMultiplier: 4,
  suspicionFactorMax: 6,
  gossipIntervalMs: 500,
  gossipFanout: 4,
  gossipToTheDeadMs: 60_000,
  syncIntervalMs: 60_000,
  reconnectIntervalMs: 30_000,
  deadRetentionMs: 3_600_000,
  streamTimeoutMs: 30_000,
  leaveTimeoutMs: 15_000,
  stallMs: 1500,
});
