import { parseConstraint } from "../planner/constraints.ts";
import { ControlError } from "./errors.ts";

const key = /^[a-z_][a-z0-9\-_.]+$/i;

/** Whether the scheduler can read all of them. @throws ControlError `invalid-argument` in Docker's words. */
export function validateConstraints(constraints: readonly string[]): void {
  for (const text of constraints) {
    if (parseConstraint(text) === undefined) {
      throw new ControlError("invalid-argument", explain(text));
    }
  }
}

function explain(text: string): string {
  const at = text.search(/[=!]=/);
  if (at < 0) return "constraint expected one operator from ==, !=";
  const name = text.slice(0, at).trim();
  if (!key.test(name)) return `key '${name}' is invalid`;
  return `value '${text.slice(at + 2).trim()}' is invalid`;
}
