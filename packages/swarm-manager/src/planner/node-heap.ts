import type { NodeUsage } from "./node-usage.ts";

/** Nodes by preference, best first. */
export interface NodeHeap {
  peek(): NodeUsage | undefined;
  /** The best node has changed for the worse: moves it to where it belongs now. */
  sink(): void;
  /** Takes the best node out. */
  pop(): void;
}

/** A binary heap over `nodes`, which it takes over. `isBetter` must be a strict total order. */
export function createNodeHeap(
  nodes: NodeUsage[],
  isBetter: (a: NodeUsage, b: NodeUsage) => boolean,
): NodeHeap {
  const siftDown = (start: number): void => {
    let at = start;
    for (;;) {
      const best = bestChild(nodes, at, isBetter);
      const [parent, child] = [nodes[at], nodes[best]];
      if (parent === undefined || child === undefined || !isBetter(child, parent)) return;
      nodes[at] = child;
      nodes[best] = parent;
      at = best;
    }
  };
  for (let at = (nodes.length >> 1) - 1; at >= 0; at--) siftDown(at);
  return {
    peek: () => nodes[0],
    sink: () => siftDown(0),
    pop() {
      const last = nodes.pop();
      if (last === undefined || nodes.length === 0) return;
      nodes[0] = last;
      siftDown(0);
    },
  };
}

function bestChild(
  nodes: readonly NodeUsage[],
  parent: number,
  isBetter: (a: NodeUsage, b: NodeUsage) => boolean,
): number {
  const left = 2 * parent + 1;
  const [a, b] = [nodes[left], nodes[left + 1]];
  return a !== undefined && b !== undefined && isBetter(b, a) ? left + 1 : left;
}
