import { attributeOf } from "./constraints.ts";
import { createNodeHeap } from "./node-heap.ts";
import type { NodeHeap } from "./node-heap.ts";
import type { NodeUsage } from "./node-usage.ts";

/** How the nodes for one group of tasks are told apart. */
export interface PlacementOptions {
  /** Nodes that pass the filters now. */
  readonly nodes: readonly NodeUsage[];
  /** Labels to spread over, outermost first; other than `node.labels.X` and `engine.labels.X` they are ignored. */
  readonly spread: readonly string[];
  /** Live tasks of the service on the node. */
  readonly tasksOn: (usage: NodeUsage) => number;
  /** A strict total order. */
  readonly isBetter: (a: NodeUsage, b: NodeUsage) => boolean;
  /** Whether the node takes one more task. */
  readonly fits: (usage: NodeUsage) => boolean;
}

interface Branch {
  /** Live tasks of the service below. */
  tasks: number;
  readonly children: Branch[];
  readonly heap: NodeHeap | undefined;
}

/**
 * Chooses nodes one after the other: at each level of the spread labels the branch with the fewest tasks of the
 * service, within it the best node. Nodes without a label share one branch.
 *
 * @returns a function that gives the node for the next task, or `undefined` if none takes it. The node is to be charged
 * with the task before the next call.
 */
export function createPlacementTree(options: PlacementOptions): () => NodeUsage | undefined {
  const { isBetter, fits } = options;
  const root = grow(options, options.nodes, 0);
  let charged: NodeHeap | undefined;
  return () => {
    charged?.sink();
    charged = undefined;
    for (;;) {
      const path = bestPath(root, isBetter);
      const heap = path?.at(-1)?.heap;
      const usage = heap?.peek();
      if (path === undefined || heap === undefined || usage === undefined) return undefined;
      if (!fits(usage)) {
        heap.pop();
        continue;
      }
      charged = heap;
      for (const branch of path) branch.tasks++;
      return usage;
    }
  };
}

function grow(options: PlacementOptions, nodes: readonly NodeUsage[], level: number): Branch {
  const tasks = nodes.reduce((sum, usage) => sum + options.tasksOn(usage), 0);
  const label = options.spread[level];
  if (label === undefined)
    return { tasks, children: [], heap: createNodeHeap([...nodes], options.isBetter) };
  const read = /^(node|engine)\.labels\./i.test(label) ? attributeOf(label) : undefined;
  if (read === undefined) return grow(options, nodes, level + 1);
  const byValue = new Map<string, NodeUsage[]>();
  for (const usage of nodes) {
    const value = read(usage.node);
    const known = byValue.get(value);
    if (known === undefined) byValue.set(value, [usage]);
    else known.push(usage);
  }
  const children = [...byValue.values()].map((part) => grow(options, part, level + 1));
  return { tasks, children, heap: undefined };
}

/** From `branch` down to the leaf whose best node is to be used; `undefined` if no node is left below. */
function bestPath(
  branch: Branch,
  isBetter: (a: NodeUsage, b: NodeUsage) => boolean,
): Branch[] | undefined {
  if (branch.heap !== undefined) return branch.heap.peek() === undefined ? undefined : [branch];
  let best: Branch[] | undefined;
  let fewest = Infinity;
  for (const child of branch.children) {
    if (best !== undefined && child.tasks > fewest) continue;
    const path = bestPath(child, isBetter);
    const node = path?.at(-1)?.heap?.peek();
    if (path === undefined || node === undefined) continue;
    const rival = best?.at(-1)?.heap?.peek();
    if (rival !== undefined && child.tasks === fewest && !isBetter(node, rival)) continue;
    best = path;
    fewest = child.tasks;
  }
  return best === undefined ? undefined : [branch, ...best];
}
