/** The bounds of one suspicion. */
export interface SuspicionBounds {
  readonly minMs: number;
  readonly maxMs: number;
  /** Confirmations that bring the time down to the minimum. */
  readonly confirmationsMax: number;
}

/** How long a suspect may take to refute in a cluster of `activeCount` members. */
export function suspicionBounds(
  activeCount: number,
  config: {
    readonly suspicionMultiplier: number;
    readonly suspicionFactorMax: number;
    readonly suspicionConfirmations: number;
    readonly probeIntervalMs: number;
  },
): SuspicionBounds {
  const scale = Math.max(1, Math.log10(Math.max(1, activeCount)));
  const minMs = config.suspicionMultiplier * scale * config.probeIntervalMs;
  // Too few others to confirm: waiting for them would be in vain.
  const others = activeCount - 2;
  const confirmationsMax =
    others < config.suspicionConfirmations ? 0 : config.suspicionConfirmations;
  const maxMs = confirmationsMax === 0 ? minMs : config.suspicionFactorMax * minMs;
  return { minMs, maxMs, confirmationsMax };
}

/** The time allowed in all after so many confirmations: falls with their logarithm from maximum to minimum. */
export function suspicionTimeoutMs(bounds: SuspicionBounds, confirmations: number): number {
  const { minMs, maxMs, confirmationsMax } = bounds;
  if (confirmationsMax < 1) return minMs;
  const share = Math.log(confirmations + 1) / Math.log(confirmationsMax + 1);
  return Math.max(minMs, Math.floor(maxMs - share * (maxMs - minMs)));
}
