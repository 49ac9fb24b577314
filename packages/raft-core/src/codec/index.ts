export { CodecError, isCodecError } from "./errors.ts";
export type { CodecErrorCode } from "./errors.ts";
export {
  ENCODER_BLOCK_BYTES,
  ENTRIES_PER_MESSAGE_MAX,
  GROUP_DEPTH_MAX,
  LIST_ELEMENTS_MAX,
} from "./limits.ts";
export type { WireFormat } from "./format.ts";
export { createWideIdTable } from "./wide-ids.ts";
export type { WideIdTable, WideIds } from "./wide-ids.ts";
export { PRESENT_EMPTY } from "./write.ts";
export { encodeMessage, encodeMessageInto, encodedMessageSize } from "./encode-message.ts";
export { createMessageEncoder } from "./encoder.ts";
export type { MessageEncoder } from "./encoder.ts";
export { decodeMessage } from "./decode-message.ts";
export { decodeEntry, encodeEntry, encodedEntrySize } from "./entry.ts";
export { decodeHardState, encodeHardState } from "./hard-state.ts";
export { decodeConfState, encodeConfState } from "./conf-state.ts";
export {
  decodeSnapshot,
  decodeSnapshotMetadata,
  encodeSnapshot,
  encodeSnapshotMetadata,
} from "./snapshot.ts";
export { confChangeOf, decodeConfChange, encodeConfChange } from "./conf-change.ts";
export { decodeConfChangeV1, encodeConfChangeV1 } from "./conf-change-v1.ts";
export type { ConfChangeV1 } from "./conf-change-v1.ts";
