import { RaftError } from "../errors.ts";
import type { NodeId } from "../ids.ts";
import type { CoreState } from "../state.ts";
import type { InflightLimits } from "./inflights.ts";

/** What may be on its way to `id`: as it was set, else as the options say. */
export function inflightLimitsOf(state: CoreState, id: NodeId): InflightLimits {
  const { maxInflightAppends: appends, maxInflightBytes: bytes } = state.options;
  return state.inflightLimits.get(id) ?? { appends, bytes };
}

/** Sets them for a member. @throws RaftError `invalid-argument`. */
export function setInflightLimits(
  state: CoreState,
  id: NodeId,
  changes: Partial<InflightLimits>,
): void {
  const limits: InflightLimits = { ...inflightLimitsOf(state, id), ...changes };
  check("appends", limits.appends, 1);
  check("bytes", limits.bytes, state.options.maxBytesPerAppend);
  const peer = state.progress.get(id);
  if (peer === undefined) {
    state.options.trace?.({ type: "unknown-peer", from: id });
    return;
  }
  state.inflightLimits.set(id, limits);
  peer.setInflightLimits(limits);
}

function check(name: string, value: number, minimum: number): void {
  if (Number.isSafeInteger(value) && value >= minimum) return;
  throw new RaftError(
    { code: "invalid-argument" },
    `${name}: ${value} is not a whole number of at least ${minimum}`,
  );
}
