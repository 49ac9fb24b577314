import type { NodeId } from "../src/ids.ts";
import { jointIndex } from "../src/quorum/joint.ts";
import type { BenchCase } from "./bench-case.ts";

const CALLS = 100;
const NOBODY: ReadonlySet<NodeId> = new Set();

/** The commit index that `count` voters allow, each of which has acknowledged something else. */
function quorumCase(count: number): BenchCase {
  const ids = Array.from({ length: count }, (_, at) => (at + 1) as NodeId);
  const acknowledged = new Map(ids.map((id) => [id, (id * 7) % (count + 1)]));
  const voters = { incoming: new Set(ids), outgoing: NOBODY };
  const indexOf = (id: NodeId): number => acknowledged.get(id) ?? 0;
  return {
    name: `quorum commit index, ${count} voters`,
    operationsPerCall: CALLS,
    run(): void {
      for (let done = 0; done < CALLS; done += 1) jointIndex(voters, indexOf);
    },
  };
}

export const quorumCases: readonly BenchCase[] = [3, 5, 7, 64].map(quorumCase);
