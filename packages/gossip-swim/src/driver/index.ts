/**
 * Binds the SWIM core to a clock, packets and streams.
 * @packageDocumentation
 */
export { createSwimDriver } from "./driver.ts";
export { createSystemClock } from "./system-clock.ts";

export type { SwimDriver, SwimDriverCounts } from "./driver.ts";
export type { SwimDriverOptions } from "./options.ts";
export type { ClockPort, DatagramPort, StreamConnection, StreamPort } from "./ports.ts";
