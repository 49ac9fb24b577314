import {
  runSwimSeed,
  traceSwimSeed,
} from "../packages/gossip-swim/test/simulation/swim-simulation.ts";
import {
  runRaftSeed,
  traceRaftSeed,
} from "../packages/raft-core/test/simulation/raft-simulation.ts";
import type { SeedOutcome } from "../packages/simkit/src/index.ts";

interface Simulation {
  /** How often what happened, by name, where the simulation counts it. */
  readonly run: (seed: number) => SeedOutcome & {
    readonly facts?: { readonly coverage: ReadonlyMap<string, number> };
  };
  /** The run as lines of text. */
  readonly trace: (seed: number) => string[];
}

export type SimulationName = "raft" | "swim";

/** The simulations of the protocol cores, by the name that `npm run soak` knows them by. */
export const simulations: Readonly<Record<SimulationName, Simulation>> = {
  raft: { run: runRaftSeed, trace: traceRaftSeed },
  swim: { run: runSwimSeed, trace: traceSwimSeed },
};

export const simulationNames: readonly SimulationName[] = ["raft", "swim"];
