import type { JoinMessageOf } from "../../src/join/messages.ts";

const key = Buffer.alloc(32, 7).toString("base64");

export const JOIN: JoinMessageOf<"join"> = {
  type: "join",
  availability: "active",
  hostname: "machine",
  address: "10.0.0.9:2377",
};

export const ACCEPTED_WORKER: JoinMessageOf<"accepted"> = {
  type: "accepted",
  nodeId: "n".repeat(25),
  nodeKey: key,
  managers: [{ nodeId: "m".repeat(25), raftId: 11, address: "10.0.0.1:2377" }],
};

export const ACCEPTED_MANAGER: JoinMessageOf<"accepted"> = {
  ...ACCEPTED_WORKER,
  manager: { raftId: 12, swarmSecret: key },
};
