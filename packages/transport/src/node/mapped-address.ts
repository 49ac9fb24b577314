import { lookup, V4MAPPED } from "node:dns";
import type { LookupOneOptions } from "node:dns";
import { isIPv4 } from "node:net";

const prefix = "::ffff:";

/** The host of a peer as its own side writes it: an IPv6 socket sees IPv4 peers as `::ffff:192.0.2.1`. */
export function unmapHost(host: string): string {
  const rest = host.slice(prefix.length);
  return host.startsWith(prefix) && isIPv4(rest) ? rest : host;
}

/** Finds the address to which an IPv6 socket sends for a host; IPv4 addresses, which it would refuse, in their IPv6 form. */
export function lookupMapped(
  host: string,
  _options: LookupOneOptions,
  done: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  if (isIPv4(host)) done(null, prefix + host, 6);
  else lookup(host, { family: 6, hints: V4MAPPED }, done);
}
