import type { Member, MemberState } from "./member.ts";

/** A change of what this node believes of another member. There are none about the local node itself. */
export type MemberEvent =
  | {
      readonly type: "member-alive";
      readonly member: Member;
      /** What it was before; undefined when it is new. */
      readonly previous: Exclude<MemberState, "alive"> | undefined;
    }
  | { readonly type: "member-suspect"; readonly member: Member }
  | { readonly type: "member-dead"; readonly member: Member }
  | { readonly type: "member-left"; readonly member: Member }
  /** Its address or meta changed while it was alive. */
  | { readonly type: "member-updated"; readonly member: Member };

/** What the core tells its driver besides changes of members. */
export type CoreEvent =
  /** The goodbye of this node was sent as often as the rules ask for. */
  | { readonly type: "leave-spread" }
  /** This node's own timers came late: probes were dropped without verdict, suspicions prolonged. */
  | { readonly type: "stalled"; readonly lateMs: number }
  /** Somebody held this node as suspect or dead; it answered with a higher incarnation. */
  | { readonly type: "refuted"; readonly incarnation: number }
  /** Another node announces itself under this node's name. */
  | { readonly type: "name-conflict"; readonly member: Pick<Member, "name" | "address"> };
