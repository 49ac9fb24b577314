import { nodeId } from "../../src/index.ts";
import type { NodeId } from "../../src/index.ts";
import { DataDrivenError } from "./datadriven.ts";
import type { Case } from "./datadriven.ts";

/** The value of `key`; undefined when the directive has none. */
export function valueOf(test: Case, key: string): string | undefined {
  const argument = test.args.find((arg) => arg.key === key);
  if (argument === undefined) return undefined;
  if (argument.values.length !== 1) throw new DataDrivenError(test.line, `${key}: not one value`);
  return argument.values[0];
}

export function parseWhole(test: Case, text: string): number {
  const value = Number(text);
  if (!/^\d+$/u.test(text) || !Number.isSafeInteger(value))
    throw new DataDrivenError(test.line, `not a number: ${text}`);
  return value;
}

export function wholeOf(test: Case, key: string): number | undefined {
  const value = valueOf(test, key);
  return value === undefined ? undefined : parseWhole(test, value);
}

const TRUE = ["1", "t", "T", "TRUE", "true", "True"];
const FALSE = ["0", "f", "F", "FALSE", "false", "False"];

export function booleanOf(test: Case, key: string): boolean | undefined {
  const value = valueOf(test, key);
  if (value === undefined) return undefined;
  if (TRUE.includes(value)) return true;
  if (FALSE.includes(value)) return false;
  throw new DataDrivenError(test.line, `${key}: neither true nor false`);
}

export function parseId(test: Case, text: string): NodeId {
  return nodeId(parseWhole(test, text));
}

/** All values of `key`, as ids; none when it is absent. */
export function idsOf(test: Case, key: string): readonly NodeId[] {
  const argument = test.args.find((arg) => arg.key === key);
  return (argument?.values ?? []).map((value) => parseId(test, value));
}

/** The arguments that are only a name, as ids. */
export function plainIds(test: Case): readonly NodeId[] {
  return test.args.filter(({ values }) => values.length === 0).map(({ key }) => parseId(test, key));
}

/** The id at position `at` of the arguments. */
export function idAt(test: Case, at: number): NodeId {
  const argument = test.args[at];
  if (argument === undefined) throw new DataDrivenError(test.line, "an id is missing");
  return parseId(test, argument.key);
}
