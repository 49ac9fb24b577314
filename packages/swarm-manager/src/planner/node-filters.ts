import type { Service, Task } from "@waggle/swarm-state";
import { createConstraintMatcher } from "./constraints.ts";
import { hostPortsOf } from "./node-usage.ts";
import type { NodeUsage } from "./node-usage.ts";

/** One condition that a node has to meet, with the words for when `count` nodes do not. */
export interface NodeFilter {
  readonly passes: (usage: NodeUsage) => boolean;
  readonly explain: (count: number) => string;
}

/** The conditions for tasks of one version of a service, in the order in which they are tried. */
export function createNodeFilters(task: Task, service: Service | undefined): NodeFilter[] {
  const { placement, container, reservations } = task.spec;
  const filters: NodeFilter[] = [readyFilter];
  if (reservations.nanoCpus > 0 || reservations.memoryBytes > 0)
    filters.push({
      passes: (usage) =>
        usage.freeNanoCpus >= reservations.nanoCpus &&
        usage.freeMemoryBytes >= reservations.memoryBytes,
      explain: (count) => `insufficient resources on ${nodes(count)}`,
    });
  if (processImage.test(container.image))
    filters.push({
      passes: ({ node }) => node.description?.engine.executors.includes("process") !== false,
      explain: (count) => `missing plugin on ${nodes(count)}`,
    });
  if (placement.constraints.length > 0) {
    const matches = createConstraintMatcher(placement.constraints);
    filters.push({
      passes: (usage) => matches(usage.node),
      explain: (count) => `scheduling constraints not satisfied on ${nodes(count)}`,
    });
  }
  if (placement.platforms.length > 0)
    filters.push({
      passes: (usage) => isPlatformSupported(usage, placement.platforms),
      explain: (count) => `unsupported platform on ${nodes(count)}`,
    });
  filters.push(...countingFilters(task, service));
  return filters;
}

/** The image name that stands for none; clients add the tag. */
const processImage = /^process(:latest)?$/;

const readyFilter: NodeFilter = {
  passes: ({ node }) => node.status.state === "ready" && node.spec.availability === "active",
  explain: (count) => `${nodes(count)} not available for new tasks`,
};

function countingFilters(task: Task, service: Service | undefined): NodeFilter[] {
  const filters: NodeFilter[] = [];
  const ports = hostPortsOf(service?.spec);
  if (ports.length > 0)
    filters.push({
      passes: (usage) => !ports.some((port) => usage.hostPorts.has(port)),
      explain: (count) => `host-mode port already in use on ${nodes(count)}`,
    });
  const { maxReplicasPerNode } = task.spec.placement;
  if (maxReplicasPerNode > 0)
    filters.push({
      passes: (usage) => (usage.activeByService.get(task.serviceId) ?? 0) < maxReplicasPerNode,
      explain: () => "max replicas per node limit exceed",
    });
  return filters;
}

function nodes(count: number): string {
  return count === 1 ? "1 node" : `${count} nodes`;
}

const sameArchitecture: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64" };

/** An empty part of a wanted platform matches everything. */
function isPlatformSupported(
  { node }: NodeUsage,
  wanted: readonly { readonly os: string; readonly architecture: string }[],
): boolean {
  const platform = node.description?.platform;
  if (platform === undefined) return false;
  const normal = (name: string) => sameArchitecture[name] ?? name;
  return wanted.some(
    ({ os, architecture }) =>
      (os === "" || os === platform.os) &&
      (architecture === "" || normal(architecture) === normal(platform.architecture)),
  );
}

/** The first filter that the node fails. */
export function failedFilter(
  filters: readonly NodeFilter[],
  usage: NodeUsage,
): NodeFilter | undefined {
  return filters.find((filter) => !filter.passes(usage));
}

/** Docker's words for why no node takes a task, e.g. `no suitable node (insufficient resources on 2 nodes)`. */
export function explainNoNode(
  filters: readonly NodeFilter[],
  usages: readonly NodeUsage[],
): string {
  const counts = new Map<NodeFilter, number>();
  for (const usage of usages) {
    const failed = failedFilter(filters, usage);
    if (failed !== undefined) counts.set(failed, (counts.get(failed) ?? 0) + 1);
  }
  if (counts.size === 0) return "no suitable node";
  const parts = [...counts]
    .sort(([a, m], [b, n]) => n - m || filters.indexOf(a) - filters.indexOf(b))
    .map(([filter, count]) => filter.explain(count));
  return `no suitable node (${parts.join("; ")})`;
}
