import type { MemberState } from "../../member.ts";
import type { RumourMessage } from "../../codec/messages.ts";

/** What this node holds of the subject of a rumour. */
export interface Held {
  readonly state: MemberState;
  readonly incarnation: number;
}

/**
 * What a rumour about another member does.
 *
 * `add`: it is new · `revive`: it becomes alive, or its data changes · `suspect`: suspicion begins (also anew, under a
 * higher incarnation) · `confirm`: one more accuser · `bury`: it becomes dead, or left · `ignore`: older than what is
 * held, or known already.
 */
export type Verdict = "add" | "revive" | "suspect" | "confirm" | "bury" | "ignore";

/** SWIM's precedence: alive needs a higher incarnation, accusations an equal one; the dead return only as alive. */
export function judgeRumour(held: Held | undefined, rumour: RumourMessage): Verdict {
  if (held === undefined) return rumour.type === "alive" ? "add" : "ignore";
  if (rumour.type === "alive") return rumour.incarnation > held.incarnation ? "revive" : "ignore";
  const isOver = held.state === "dead" || held.state === "left";
  if (isOver || rumour.incarnation < held.incarnation) return "ignore";
  if (rumour.type === "dead") return "bury";
  if (held.state === "alive") return "suspect";
  return rumour.incarnation > held.incarnation ? "suspect" : "confirm";
}

/**
 * What a rumour about the local node asks for: `refute` with a higher incarnation; `repeat` what was already said, for
 * somebody did not hear it; or nothing.
 */
export function judgeRumourAboutSelf(
  incarnation: number,
  rumour: RumourMessage,
  isOwnData: boolean,
): "refute" | "repeat" | "ignore" {
  if (rumour.incarnation < incarnation) return rumour.type === "alive" ? "ignore" : "repeat";
  if (rumour.type === "alive" && rumour.incarnation === incarnation && isOwnData) return "ignore";
  return "refute";
}
