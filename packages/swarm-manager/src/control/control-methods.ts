/** Name of a method of the control API that changes something. */
export type ControlWrite =
  | "updateCluster"
  | "updateNode"
  | "removeNode"
  | "createService"
  | "updateService"
  | "removeService";

/** The methods that change something: these are sent to the leader. */
export const CONTROL_WRITES: readonly ControlWrite[] = [
  "updateCluster",
  "updateNode",
  "removeNode",
  "createService",
  "updateService",
  "removeService",
];
