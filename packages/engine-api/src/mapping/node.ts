import type { NodeView } from "@waggle/swarm-manager";
import type { NodeDescription, NodeSpec } from "@waggle/swarm-state";
import { z } from "zod";
import { EngineApiError } from "../errors.ts";
import { stringMap } from "./request-shape.ts";
import { nonEmpty, toMeta } from "./values.ts";

export const nodeSpecSchema = z.looseObject({
  Name: z.string().default(""),
  Labels: stringMap.default({}),
  Role: z.string().default(""),
  Availability: z.string().default(""),
});

export function fromNodeSpec(request: z.output<typeof nodeSpecSchema>): NodeSpec {
  const { Role: role, Availability: availability } = request;
  if (role !== "worker" && role !== "manager") {
    throw new EngineApiError(400, `invalid Role: "${role}"`);
  }
  if (availability !== "active" && availability !== "pause" && availability !== "drain") {
    throw new EngineApiError(400, `invalid Availability: "${availability}"`);
  }
  return { name: request.Name, labels: request.Labels, role, availability };
}

export function toNode({ node, manager }: NodeView): object {
  const { spec, status, description } = node;
  return {
    ...toMeta(node),
    Spec: {
      Name: nonEmpty(spec.name),
      Labels: spec.labels,
      Role: spec.role,
      Availability: spec.availability,
    },
    Description: description === undefined ? {} : toDescription(description),
    Status: {
      State: status.state,
      Message: nonEmpty(status.message),
      Addr: nonEmpty(hostOf(status.address)),
    },
    ManagerStatus: manager && {
      Leader: manager.leader ? true : undefined,
      // Not in Docker's API, which knows voters only; its command line passes over it.
      Learner: manager.learner ? true : undefined,
      Reachability: manager.reachability,
      Addr: manager.address,
    },
  };
}

/** Docker shows a node's address without the port. */
export function hostOf(address: string): string {
  const at = address.lastIndexOf(":");
  return at < 0 ? address : address.slice(0, at).replace(/^\[(.*)\]$/, "$1");
}

function toDescription(description: NodeDescription): object {
  return {
    Hostname: description.hostname,
    Platform: {
      Architecture: description.platform.architecture,
      OS: description.platform.os,
    },
    Resources: {
      NanoCPUs: description.resources.nanoCpus,
      MemoryBytes: description.resources.memoryBytes,
    },
    Engine: {
      EngineVersion: description.engine.version,
      Labels: description.engine.labels,
      Plugins: [],
    },
    TLSInfo: {},
  };
}
