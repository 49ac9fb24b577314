/**
 * Transports that live in one process: for tests, simulations and programs whose nodes share a process. The same limits
 * as a real network, plus latency, loss and partitions by option.
 * @packageDocumentation
 */
export type { MemoryNetworkOptions, MemoryTimers, PartitionOptions } from "./options.ts";
export type { MemoryNetwork, MemoryNetworkStats } from "./network.ts";
export { createMemoryNetwork } from "./network.ts";
