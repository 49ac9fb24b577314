import type { ConfChangeSingle, NodeId } from "../../src/index.ts";

const TYPES: Readonly<Record<string, ConfChangeSingle["type"]>> = {
  v: "add-voter",
  l: "add-learner",
  r: "remove",
  u: "update",
};

/** Text in the way of the data-driven files, or what is wrong with it. */
export function parseChanges(text: string): readonly ConfChangeSingle[] | string {
  if (text === "") return [];
  const changes: ConfChangeSingle[] = [];
  for (const token of text.split(" ")) {
    if (token.length < 2) return `unknown token ${token}`;
    const type = TYPES[token[0] ?? ""];
    const digits = token.slice(1);
    const node = Number(digits);
    // 0 is let in: it stands for a change that was taken back.
    if (type === undefined || !/^\d+$/u.test(digits) || !Number.isSafeInteger(node))
      return `unknown input: ${token}`;
    changes.push({ type, node: node as NodeId });
  }
  return changes;
}

/** The inverse: `v1 l2 r3`. */
export function describeChanges(changes: readonly ConfChangeSingle[]): string {
  const letter = (type: ConfChangeSingle["type"]): string =>
    Object.keys(TYPES).find((key) => TYPES[key] === type) ?? "?";
  return changes.map(({ type, node }) => `${letter(type)}${node}`).join(" ");
}
