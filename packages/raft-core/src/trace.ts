import type { ConfState } from "./entry.ts";
import type { LogIndex, NodeId, Term } from "./ids.ts";
import type { Role } from "./ready.ts";

/** What happened inside, for logs and tests; nothing depends on it. */
export type RaftTrace =
  | {
      readonly type: "role";
      readonly role: Role;
      readonly term: Term;
      readonly leader: NodeId;
    }
  | {
      readonly type: "vote-answered";
      readonly candidate: NodeId;
      readonly term: Term;
      readonly granted: boolean;
      readonly pre: boolean;
    }
  | { readonly type: "commit"; readonly index: LogIndex; readonly term: Term }
  | { readonly type: "members"; readonly confState: ConfState }
  | { readonly type: "snapshot-restored"; readonly index: LogIndex; readonly term: Term }
  | { readonly type: "transfer"; readonly to: NodeId; readonly outcome: "started" | "aborted" }
  | { readonly type: "ignored"; readonly what: string; readonly why: string };

/** Called while the core works: it must neither throw nor call the core. */
export type RaftTracer = (event: RaftTrace) => void;
