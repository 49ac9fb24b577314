import { TransportError } from "./errors.ts";
import { HOST_LENGTH_MAX } from "./limits.ts";
import type { Address } from "./transport.ts";

const pattern = /^(?:\[([^\][]*)\]|([^:\][]*)):([0-9]{1,5})$/;
const nameOrIpv4 = /^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_.])?$/;
const ipv6 = /^(?=.*:)[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9._-]{1,32})?$/;

/**
 * Reads `host:port`; an IPv6 host stands in brackets, as in `[::1]:2377`. Port 0 is accepted.
 * @throws TransportError `invalid-argument` with a reason for the user.
 */
export function parseAddress(text: string): Address {
  const match = text.length <= HOST_LENGTH_MAX + 8 ? pattern.exec(text) : null;
  if (match === null) {
    throw invalid(`an address looks like "host:port" or "[ipv6]:port"`);
  }
  const host = match[1] ?? match[2] ?? "";
  const bracketed = match[1] !== undefined;
  if (bracketed ? !ipv6.test(host) : !nameOrIpv4.test(host) || host.length > HOST_LENGTH_MAX) {
    throw invalid(
      `the host of an address is a name, an IPv4 address, or an IPv6 address in brackets`,
    );
  }
  const port = Number(match[3]);
  if (port > 65_535) throw invalid(`the port of an address is at most 65535, not ${port}`);
  return { host, port };
}

/** Writes an address as {@link parseAddress} reads it: IPv6 hosts in brackets. */
export function formatAddress(address: Address): string {
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}

/**
 * Returns the address if its port is a whole number from `portMin` to 65,535 and its host is not empty.
 * @throws TransportError `invalid-argument`.
 */
export function checkAddress(address: Address, portMin: 0 | 1): Address {
  const { host, port } = address;
  if (!Number.isInteger(port) || port < portMin || port > 65_535) {
    throw invalid(`the port of an address is from ${portMin} to 65535, not ${port}`);
  }
  if (host === "" || host.length > HOST_LENGTH_MAX) throw invalid("an address needs a host");
  return address;
}

function invalid(message: string): TransportError {
  return new TransportError("invalid-argument", message);
}
