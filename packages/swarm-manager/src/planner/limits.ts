/** Reasons in one plan; further ones are left out. Keeps a mass failure from growing a plan without bound. */
export const REASONS_PER_PLAN_MAX = 1_000;

/** A replacement waits at most this long for its predecessor to stop; then both may run for a moment. As SwarmKit. */
export const STOP_WAIT_MS_MAX = 60_000;

/** From so many recent failures of a service version on, a node is chosen last for it. As SwarmKit. */
export const FAULTY_NODE_FAILURES_MIN = 5;

/** Failures older than this no longer speak against a node. As SwarmKit. */
export const FAULTY_NODE_WINDOW_MS = 300_000;

/** A node that has been down for so long is not waited for any more: its tasks are orphaned. A day, as SwarmKit. */
export const NODE_FORGOTTEN_AFTER_MS = 86_400_000;
