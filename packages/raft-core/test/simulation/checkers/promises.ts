import type { AppendResponse, Message } from "../../../src/index.ts";
import type { CommitChecker } from "./commits.ts";
import type { ElectionChecker } from "./elections.ts";
import type { GroupView, MemberView } from "./view.ts";
import { Violation } from "./violation.ts";

/** Nothing leaves a member that its disk does not hold yet. */
export class PromiseChecker {
  readonly #group: GroupView;
  readonly #elections: ElectionChecker;
  readonly #commits: CommitChecker;

  constructor(group: GroupView, elections: ElectionChecker, commits: CommitChecker) {
    this.#group = group;
    this.#elections = elections;
    this.#commits = commits;
  }

  sends(view: MemberView, message: Message): void {
    switch (message.type) {
      case "vote":
        this.#durableVote(view, message, view.id);
        return;
      case "vote-response":
        if (message.reject) this.#durableTerm(view, message);
        else this.#grants(view, message);
        return;
      case "append-response":
        this.#durableTerm(view, message);
        if (!message.reject) this.#acknowledges(view, message);
        return;
      case "append":
      case "snapshot":
      case "timeout-now":
        // Who leads has told nobody so before it was elected, and that took a durable vote.
        this.#durableTerm(view, message);
        return;
      default:
    }
  }

  #durableTerm({ id, durableHard }: MemberView, { type, term }: Message): void {
    if (durableHard.term < term)
      throw new Violation(`${id} sends a ${type} of term ${term}, its disk is in another`);
    this.#elections.promised(id, term);
  }

  #durableVote(view: MemberView, message: Message, candidate: MemberView["id"]): void {
    this.#durableTerm(view, message);
    const { term, vote } = view.durableHard;
    // In a later term the vote was cast and its answer is late: it waited for the disk behind other writes.
    if (term === message.term && vote !== candidate)
      throw new Violation(`${view.id} promises its vote to ${candidate} before its disk has it`);
    this.#elections.voted(message, candidate);
  }

  #grants(view: MemberView, message: Message): void {
    this.#durableVote(view, message, message.to);
    const candidate = this.#group.get(message.to);
    const current = candidate?.state?.term === message.term && view.state?.term === message.term;
    if (current && candidate.state?.role === "candidate") this.#commits.voted(view, candidate);
  }

  /** What is acknowledged is on the disk, and is what the leader has there. */
  #acknowledges({ id, durable, durableHard }: MemberView, message: AppendResponse): void {
    const { index, term, to } = message;
    // An answer that is late by itself: the disk has gone on to another term.
    if (index === 0 || durableHard.term !== term) return;
    if (durable.last < index)
      throw new Violation(`${id} acknowledges ${index}, its disk ends at ${durable.last}`);
    const leader = this.#group.get(to);
    if (leader?.state?.role !== "leader" || leader.state.term !== term) return;
    const expected = leader.written.hashAt(index);
    if (expected !== undefined && !durable.holds(index, expected))
      throw new Violation(`${id} acknowledges ${index} and holds another log than ${to}`);
  }
}
