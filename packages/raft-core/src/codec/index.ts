export { CodecError, isCodecError } from "./errors.ts";
export type { CodecErrorCode } from "./errors.ts";
export { ENTRIES_PER_MESSAGE_MAX, LIST_ELEMENTS_MAX } from "./limits.ts";
export { decodeMessage, encodeMessage } from "./message.ts";
export { decodeEntry, encodeEntry } from "./entry.ts";
export {
  decodeConfState,
  decodeHardState,
  decodeSnapshot,
  decodeSnapshotMetadata,
  encodeConfState,
  encodeHardState,
  encodeSnapshot,
  encodeSnapshotMetadata,
} from "./state.ts";
export {
  confChangeOf,
  decodeConfChange,
  decodeConfChangeV1,
  encodeConfChange,
} from "./conf-change.ts";
