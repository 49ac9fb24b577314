import { ControlError } from "./errors.ts";
import { NAME_LENGTH_MAX } from "./limits.ts";

const dnsName = /^[a-zA-Z0-9](?:[a-zA-Z0-9_-]*[a-zA-Z0-9])?$/;

/** The name of a service: a DNS label in Docker's reading. @throws ControlError `invalid-argument` */
export function validateName(name: string): void {
  if (name.length > NAME_LENGTH_MAX) {
    throw invalid(`name must be ${NAME_LENGTH_MAX} characters or fewer`);
  }
  if (name === "") throw invalid("meta: name must be provided");
  if (!dnsName.test(name)) throw invalid("name must be valid as a DNS name component");
}

function invalid(message: string): ControlError {
  return new ControlError("invalid-argument", message);
}
