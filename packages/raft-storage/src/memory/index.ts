/**
 * A store that lives as long as its process, with the semantics and limits of the file store.
 * @packageDocumentation
 */
export type { MemoryStoreOptions } from "./options.ts";
export { createMemoryStore } from "./store.ts";
