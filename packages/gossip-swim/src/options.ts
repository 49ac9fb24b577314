import type { Address } from "./address.ts";
import type { SwimCodec } from "./codec/codec.ts";
import { encodeUtf8 } from "./codec/utf8.ts";
import { createWaggleCodec } from "./codec/waggle-codec.ts";
import { SwimError } from "./errors.ts";
import {
  hostBytesMax,
  metaBytesMax,
  nameBytesMax,
  packetBytesMax,
  packetBytesMin,
  streamBytesRange,
} from "./limits.ts";
import { lanPreset, localPreset, wanPreset } from "./presets.ts";

/** Numbers of the protocol. Every node of a cluster should have the same; correctness does not depend on it. */
export interface SwimConfig {
  /** One member is probed per interval. */
  readonly probeIntervalMs: number;
  /** How long the direct ping is waited for before others are asked; less than the interval. */
  readonly probeTimeoutMs: number;
  /** How many others are asked to ping a member that did not answer; 0 is none. */
  readonly indirectProbes: number;
  /** Whether a stream is tried too when the direct ping is not answered. */
  readonly streamProbe: boolean;
  /** A suspect is given at least `multiplier × max(1, log10 n) × probeIntervalMs` to refute. */
  readonly suspicionMultiplier: number;
  /** Without confirmation by others it is given this many times more. */
  readonly suspicionFactorMax: number;
  /** So many independent confirmations shorten the time to its minimum. */
  readonly suspicionConfirmations: number;
  readonly gossipIntervalMs: number;
  /** How many members each gossip round reaches. */
  readonly gossipFanout: number;
  /** How long the dead are still told, so that they can refute. */
  readonly gossipToTheDeadMs: number;
  /** A rumour is sent `multiplier × ceil(log10(n + 1))` times by each node. */
  readonly retransmitMultiplier: number;
  /** Mean time between exchanges of the whole state with a random member; grows with the cluster. */
  readonly syncIntervalMs: number;
  /** Time between attempts to reach a dead member or an unreached address of `join`; heals partitions. */
  readonly reconnectIntervalMs: number;
  /** How long dead and left members are remembered. */
  readonly deadRetentionMs: number;
  /** The driver cuts a state exchange after this time. */
  readonly streamTimeoutMs: number;
  /** The driver's `leave` waits at most this long. */
  readonly leaveTimeoutMs: number;
  /** A gossip timer later than this means that this node itself stood still. */
  readonly stallMs: number;
  /** Bytes of a packet that leaves. */
  readonly packetBytesMax: number;
  /** Bytes of a state frame that leaves, and what the driver accepts. */
  readonly streamBytesMax: number;
  /** Members of any state, the local one included. */
  readonly membersMax: number;
}

/** A ready-made {@link SwimConfig}. */
export type SwimPreset = "local" | "lan" | "wan";

/** Random numbers in [0, 1). A seeded generator makes a run repeatable. */
export interface RandomSource {
  next(): number;
}

export interface SwimOptions {
  /** Unique in the cluster and stable over restarts; 1 to 128 bytes of UTF-8. */
  readonly name: string;
  /** Where others reach this node. */
  readonly address: Address;
  /** Opaque bytes for other members; at most 512. Default: none. */
  readonly meta?: Uint8Array;
  readonly random: RandomSource;
  /** Default `lan`. */
  readonly preset?: SwimPreset;
  /** Replaces single numbers of the preset. */
  readonly config?: Partial<SwimConfig>;
  /** Default: the format of this package. */
  readonly codec?: SwimCodec;
}

/** Options with everything filled in. */
export interface ResolvedSwimOptions {
  readonly name: string;
  readonly address: Address;
  readonly meta: Uint8Array;
  readonly random: RandomSource;
  readonly config: SwimConfig;
  readonly codec: SwimCodec;
}

/** The numbers of a preset. */
export function presetConfig(preset: SwimPreset): SwimConfig {
  switch (preset) {
    case "local":
      return localPreset;
    case "lan":
      return lanPreset;
    case "wan":
      return wanPreset;
  }
}

/**
 * Fills in defaults and checks everything at once.
 * @throws SwimError `invalid-argument`
 */
export function resolveSwimOptions(options: SwimOptions): ResolvedSwimOptions {
  const config = { ...presetConfig(options.preset ?? "lan"), ...options.config };
  validateConfig(config);
  const nameBytes = encodeUtf8(options.name).length;
  require(nameBytes >= 1 && nameBytes <= nameBytesMax, "name must have 1 to 128 bytes");
  const meta = options.meta ?? new Uint8Array(0);
  validateMeta(meta);
  validateAddress(options.address);
  return {
    name: options.name,
    address: { host: options.address.host, port: options.address.port },
    meta: meta.slice(),
    random: options.random,
    config,
    codec: options.codec ?? createWaggleCodec(),
  };
}

/** @throws SwimError `invalid-argument` */
export function validateAddress(address: Address): void {
  const hostBytes = encodeUtf8(address.host).length;
  require(hostBytes >= 1 && hostBytes <= hostBytesMax, "host must have 1 to 255 bytes");
  require(Number.isInteger(address.port) &&
    address.port >= 1 &&
    address.port <= 65_535, "port must be 1 to 65535");
}

/** @throws SwimError `invalid-argument` */
export function validateMeta(meta: Uint8Array): void {
  require(meta.length <= metaBytesMax, `meta exceeds ${metaBytesMax} bytes`);
}

const durations = [
  "probeIntervalMs",
  "probeTimeoutMs",
  "gossipIntervalMs",
  "syncIntervalMs",
  "reconnectIntervalMs",
  "deadRetentionMs",
  "streamTimeoutMs",
  "leaveTimeoutMs",
  "stallMs",
] as const satisfies readonly (keyof SwimConfig)[];

function validateConfig(config: SwimConfig): void {
  for (const key of durations)
    require(config[key] > 0 && Number.isFinite(config[key]), `${key} must be positive`);
  require(config.gossipToTheDeadMs >= 0, "gossipToTheDeadMs must not be negative");
  require(config.probeTimeoutMs <
    config.probeIntervalMs, "probeTimeoutMs must be less than probeIntervalMs");
  require(config.gossipIntervalMs <=
    config.probeIntervalMs, "gossipIntervalMs must not exceed probeIntervalMs");
  requireInteger(config.indirectProbes, "indirectProbes", [0, 16]);
  requireInteger(config.gossipFanout, "gossipFanout", [1, 16]);
  requireInteger(config.retransmitMultiplier, "retransmitMultiplier", [1, 16]);
  requireInteger(config.suspicionConfirmations, "suspicionConfirmations", [0, 16]);
  require(config.suspicionMultiplier > 0, "suspicionMultiplier must be positive");
  require(config.suspicionFactorMax >= 1, "suspicionFactorMax must be at least 1");
  requireInteger(config.packetBytesMax, "packetBytesMax", [packetBytesMin, packetBytesMax]);
  requireInteger(config.streamBytesMax, "streamBytesMax", streamBytesRange);
  requireInteger(config.membersMax, "membersMax", [2, 1_000_000]);
}

function requireInteger(value: number, what: string, range: readonly [number, number]): void {
  require(Number.isInteger(value) &&
    value >= range[0] &&
    value <= range[1], `${what} must be an integer from ${range[0]} to ${range[1]}`);
}

function require(condition: boolean, message: string): void {
  if (!condition) throw new SwimError("invalid-argument", message);
}
