/**
 * A store on disk: a segmented write-ahead log with group commit, and snapshots as files beside it.
 * @packageDocumentation
 */
export type { FileStoreOptions, RecoveryReport } from "./options.ts";
export type { DiskCalls } from "./vfs/pace.ts";
export type { Vfs, VfsFile } from "./vfs/vfs.ts";
export type { HeldKeys, KeyProvider, WrappedKey } from "./keys/provider.ts";
export type { FileRaftStore } from "./store.ts";
export { createKeyProvider } from "./keys/provider.ts";
export { createNodeVfs } from "./vfs/node-vfs.ts";
export { openFileStore } from "./open.ts";
