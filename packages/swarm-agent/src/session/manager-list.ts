import type { ManagerPeer } from "@waggle/swarm-state";
import { MANAGERS_MAX } from "../limits.ts";

/** The managers that the agent may turn to, and which of them failed it lately. */
export interface ManagerList {
  current(): readonly ManagerPeer[];
  /** Takes the managers' own list. An empty one is ignored. Returns whether anything changed. */
  replace(managers: readonly ManagerPeer[]): boolean;
  /** A random one among those that did not fail since the last success; when all did, any of them. */
  pick(random: () => number): ManagerPeer | undefined;
  failed(manager: ManagerPeer): void;
  succeeded(): void;
}

export function createManagerList(initial: () => readonly ManagerPeer[]): ManagerList {
  let learnt: readonly ManagerPeer[] = [];
  const failed = new Set<string>();
  // Until a manager has told its list, and again when all of it fails, the initial one counts: it may have been mended.
  const known = (): readonly ManagerPeer[] => (learnt.length > 0 ? learnt : bounded(initial()));
  return {
    current: known,
    replace: (managers) => {
      const next = bounded(managers);
      if (next.length === 0 || sameManagers(next, learnt)) return false;
      learnt = next;
      return true;
    },
    pick: (random) => {
      let candidates = known().filter((manager) => !failed.has(keyOf(manager)));
      if (candidates.length === 0) {
        failed.clear();
        candidates = withInitial(known(), bounded(initial()));
      }
      return candidates[Math.min(Math.floor(random() * candidates.length), candidates.length - 1)];
    },
    failed: (manager) => {
      failed.add(keyOf(manager));
    },
    succeeded: () => failed.clear(),
  };
}

function keyOf(manager: ManagerPeer): string {
  return `${manager.nodeId} ${manager.address}`;
}

function bounded(managers: readonly ManagerPeer[]): readonly ManagerPeer[] {
  return managers.slice(0, MANAGERS_MAX);
}

function sameManagers(a: readonly ManagerPeer[], b: readonly ManagerPeer[]): boolean {
  const keys = new Set(a.map(keyOf));
  return a.length === b.length && b.every((manager) => keys.has(keyOf(manager)));
}

function withInitial(
  learnt: readonly ManagerPeer[],
  initial: readonly ManagerPeer[],
): ManagerPeer[] {
  const keys = new Set(learnt.map((manager) => manager.address));
  return [...learnt, ...initial.filter((manager) => !keys.has(manager.address))];
}
