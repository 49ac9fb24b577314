/**
 * Compliance cases for implementations of the transport contract, as data: run them in the test framework you like.
 * @packageDocumentation
 */
export type { ComplianceCase, ComplianceNetwork, ComplianceSetup } from "./case.ts";
export { ComplianceFailure } from "./case.ts";
export { datagramCases } from "./datagram-cases.ts";
export { limitCases } from "./limit-cases.ts";
export { streamCases } from "./stream-cases.ts";
