import type { ConfChangeSingle } from "../membership/change.ts";
import { CodecError } from "./errors.ts";

/** By their raftpb numbers. */
export const TYPES: readonly ConfChangeSingle["type"][] = [
  "add-voter",
  "remove",
  "update",
  "add-learner",
];

/** What a number of an enumeration stands for. @throws CodecError `unknown-value`. */
export function oneOf<T>(values: readonly T[], value: number, what: string): T {
  const found = values[value];
  if (found === undefined) throw new CodecError("unknown-value", `${what} ${value}`);
  return found;
}
