/**
 * SWIM membership as a pure core: who is alive, who is suspect, who is dead, who left, without a central register.
 * The driver for real networks is at `@waggle/gossip-swim/driver`.
 * @packageDocumentation
 */
export { isSameAddress } from "./address.ts";
export { createWaggleCodec } from "./codec/waggle-codec.ts";
export { createSwim } from "./core/swim.ts";
export { CodecError, isCodecError, isSwimError, SwimError } from "./errors.ts";
export { InvariantError } from "./internal/assert.ts";
export {
  acceptedStreamsMax,
  hostBytesMax,
  incarnationMax,
  membersMaxDefault,
  metaBytesMax,
  nameBytesMax,
  packetBytesMax,
  packetBytesMin,
  packetBytesReceivedMax,
  packetMessagesMax,
  probesMax,
  relaysMax,
  seedsMax,
  streamBytesMaxDefault,
  streamBytesRange,
  streamsMax,
} from "./limits.ts";
export { presetConfig } from "./options.ts";

export type { Address } from "./address.ts";
export type { SwimCodec } from "./codec/codec.ts";
export type {
  AckMessage,
  AliveMessage,
  DeadMessage,
  PacketMessage,
  PingMessage,
  PingRequestMessage,
  RumourMessage,
  StateEntry,
  StateMessage,
  StreamMessage,
  SuspectMessage,
} from "./codec/messages.ts";
export type { Effect, StreamId, TimerToken } from "./core/effects.ts";
export type { SwimCore, SwimCounts } from "./core/swim.ts";
export type { CodecErrorCode, SwimErrorCode } from "./errors.ts";
export type { CoreEvent, MemberEvent } from "./events.ts";
export type { Member, MemberState } from "./member.ts";
export type { RandomSource, SwimConfig, SwimOptions, SwimPreset } from "./options.ts";
