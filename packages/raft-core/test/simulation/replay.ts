// node --conditions=@waggle/source packages/raft-core/test/simulation/replay.ts SEED
import { traceRaftSeed } from "./raft-simulation.ts";

const seed = Number(process.argv[2] ?? "0");
for (const line of traceRaftSeed(seed)) console.log(line);
