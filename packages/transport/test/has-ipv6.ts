import { networkInterfaces } from "node:os";

/** Whether this machine has IPv6 at all: containers often have not. */
export const hasIpv6: boolean = Object.values(networkInterfaces())
  .flat()
  .some((each) => each?.address === "::1");
