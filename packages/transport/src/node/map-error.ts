import { TransportError } from "../errors.ts";
import type { TransportErrorCode } from "../errors.ts";
import type { Address } from "../transport.ts";

const codes: Readonly<Record<string, TransportErrorCode>> = {
  ECONNREFUSED: "refused",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EHOSTDOWN: "unreachable",
  ENETDOWN: "unreachable",
  ENOTFOUND: "unreachable",
  EAI_AGAIN: "unreachable",
  ETIMEDOUT: "timeout",
  EADDRINUSE: "address-in-use",
  EADDRNOTAVAIL: "address-unavailable",
  EACCES: "address-unavailable",
  EINVAL: "address-unavailable",
};

/** Turns an error of the platform into one of this package; what is not known is `broken`. */
export function mapError(error: Error, address: Address): TransportError {
  const systemCode: unknown = Reflect.get(error, "code");
  const code = typeof systemCode === "string" ? codes[systemCode] : undefined;
  return new TransportError(code ?? "broken", error.message, { address, cause: error });
}
