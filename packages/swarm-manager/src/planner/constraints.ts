import type { Node } from "@waggle/swarm-state";
import { createIpMatcher } from "./ip-range.ts";

/** One placement condition: a node attribute that must, or must not, have a value. */
export interface Constraint {
  readonly key: string;
  readonly operator: "==" | "!=";
  readonly value: string;
}

const keyPattern = /^[a-z_][a-z0-9\-_.]+$/i;
const valuePattern = /^[a-z0-9:\-_\s.*()?+[\]\\^$|/]+$/i;

/** Reads `key == value` or `key != value`; `undefined` if it is neither. Spaces around the parts do not count. */
export function parseConstraint(text: string): Constraint | undefined {
  const at = text.search(/[=!]=/);
  if (at < 0) return undefined;
  const operator = text.startsWith("==", at) ? "==" : "!=";
  const key = text.slice(0, at).trim();
  const value = text.slice(at + 2).trim();
  if (!keyPattern.test(key) || !valuePattern.test(value)) return undefined;
  return { key, operator, value };
}

/**
 * A test for all the constraints together. Values are compared literally and without regard to case; an absent label is
 * the empty string. A constraint that cannot be read, or names an unknown attribute, is met by no node.
 */
export function createConstraintMatcher(constraints: readonly string[]): (node: Node) => boolean {
  const tests = constraints.map((text) => {
    const constraint = parseConstraint(text);
    return constraint === undefined ? undefined : createTest(constraint);
  });
  return (node) => tests.every((test) => test?.(node) === true);
}

function createTest({ key, operator, value }: Constraint): ((node: Node) => boolean) | undefined {
  const wanted = operator === "==";
  if (key.toLowerCase() === "node.ip") {
    const inRange = createIpMatcher(value);
    if (inRange === undefined) return undefined;
    return (node) => inRange(hostOf(node.status.address)) === wanted;
  }
  const read = attributeOf(key);
  if (read === undefined) return undefined;
  const lowered = value.toLowerCase();
  return (node) => (read(node).toLowerCase() === lowered) === wanted;
}

/** How to read the attribute that `key` names, e.g. `node.labels.zone`; `undefined` for an unknown key. */
export function attributeOf(key: string): ((node: Node) => string) | undefined {
  const lowered = key.toLowerCase();
  switch (lowered) {
    case "node.id":
      return (node) => node.id;
    case "node.hostname":
      return (node) => node.description?.hostname ?? "";
    case "node.role":
      return (node) => (node.manager === undefined ? "worker" : "manager");
    case "node.platform.os":
      return (node) => node.description?.platform.os ?? "";
    case "node.platform.arch":
      return (node) => node.description?.platform.architecture ?? "";
    default:
      return labelOf(key, lowered);
  }
}

function labelOf(key: string, lowered: string): ((node: Node) => string) | undefined {
  for (const prefix of ["node.labels.", "engine.labels."]) {
    if (!lowered.startsWith(prefix) || key.length === prefix.length) continue;
    const label = key.slice(prefix.length);
    return prefix === "node.labels."
      ? (node) => ownValue(node.spec.labels, label)
      : (node) => ownValue(node.description?.engine.labels ?? {}, label);
  }
  return undefined;
}

function ownValue(labels: Readonly<Record<string, string>>, label: string): string {
  return Object.hasOwn(labels, label) ? (labels[label] ?? "") : "";
}

/** `10.0.0.1:4000` → `10.0.0.1`, `[::1]:4000` → `::1`. */
function hostOf(address: string): string {
  const end = address.lastIndexOf(":");
  const host =
    end < 0 || (address.indexOf(":") !== end && !address.startsWith("["))
      ? address
      : address.slice(0, end);
  return host.replace(/^\[|\]$/g, "");
}
