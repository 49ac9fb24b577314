import type { ControlApi } from "@waggle/swarm-manager";
import { EngineApiError } from "../errors.ts";
import type { EnginePorts } from "../ports.ts";

/** The swarm's control API, or Docker's words on why this node has none. @throws EngineApiError 503 */
export function requireControl(ports: EnginePorts): ControlApi {
  const { state, controlAvailable } = ports.swarm.status();
  const control = ports.control();
  if (control !== undefined && controlAvailable) return control;
  throw new EngineApiError(503, `This node is not a swarm manager. ${reason(ports, state)}`);
}

function reason(ports: EnginePorts, state: string): string {
  if (state === "inactive") {
    return (
      'Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try' +
      " again."
    );
  }
  if (ports.control() !== undefined) {
    return "Manager is being prepared or has trouble connecting to the cluster.";
  }
  return (
    "Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote" +
    " the current node to a manager."
  );
}
