import { ControlError } from "../control/errors.ts";

/** How patient the leader is with nodes that it does not hear of. All in milliseconds. */
export interface LivenessOptions {
  /** A node whose session ended and that gossip does not see alive is down after this. Default 2,500. */
  readonly sessionLossGraceMs: number;
  /** A node without session is down after this although gossip sees it alive. Default 15,000. */
  readonly sessionAbsenceMs: number;
  /** What a new leader waits for a node of which it has heard nothing, neither session nor gossip. Default 10,000. */
  readonly adoptionGraceMs: number;
}

export const LIVENESS_DEFAULTS: LivenessOptions = {
  // Longer than an agent needs to find another manager, shorter than people wait.
  sessionLossGraceMs: 2_500,
  sessionAbsenceMs: 15_000,
  // Longer than an election and the return of all sessions.
  adoptionGraceMs: 10_000,
};

/** Fills in the defaults. @throws ControlError `invalid-argument` for a time that is none, or an order that is wrong. */
export function resolveLivenessOptions(options: Partial<LivenessOptions> = {}): LivenessOptions {
  const resolved = { ...LIVENESS_DEFAULTS, ...options };
  for (const [name, value] of Object.entries(resolved)) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new ControlError("invalid-argument", `${name} must be a whole number of milliseconds`);
    }
  }
  if (resolved.sessionAbsenceMs < resolved.sessionLossGraceMs) {
    throw new ControlError(
      "invalid-argument",
      "sessionAbsenceMs must not be shorter than sessionLossGraceMs",
    );
  }
  return resolved;
}
