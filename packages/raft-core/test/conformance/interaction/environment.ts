import { isRaftError, logIndex, term } from "../../../src/index.ts";
import type {
  ConfChange,
  ConfState,
  EntryDraft,
  Message,
  NodeId,
  RaftOptions,
} from "../../../src/index.ts";
import { encodeConfChange } from "../../../src/codec/conf-change.ts";
import { encodeConfChangeV1 } from "../../../src/codec/conf-change-v1.ts";
import { isVoter } from "../../../src/membership/configuration.ts";
import {
  booleanOf,
  idAt,
  idsOf,
  parseId,
  parseWhole,
  plainIds,
  valueOf,
  wholeOf,
} from "../arguments.ts";
import { parseChanges } from "../conf-change-text.ts";
import { DataDrivenError } from "../datadriven.ts";
import type { Case } from "../datadriven.ts";
import { ROLES, describeEntry, describePeer } from "../describe.ts";
import { frozen } from "../frozen.ts";
import { describeMessage } from "./describe-message.ts";
import type { Parcel } from "./describe-message.ts";
import { LEVELS } from "./log-lines.ts";
import { Node } from "./node.ts";
import { CommandError, Output } from "./output.ts";
import { proposing } from "./proposing.ts";
import { deliver, dropAll, messagesOf, stabilize } from "./delivery.ts";
import type { Network } from "./delivery.ts";

/** A directive at work. */
export type Command = (test: Case) => void;

/** What the result of a file must not depend on, and directives of other kinds of files. */
export interface Mode {
  /** Draws of election timeouts. Files set the timeout where it counts. */
  readonly random?: () => number;
  /** Gives what arrives for what was sent; the same by default. */
  readonly carry?: (parcel: Parcel) => Parcel;
  readonly extend?: (host: Host) => Readonly<Record<string, Command>>;
}

/** What further directives work on. */
export interface Host {
  readonly network: Network;
  /** The node that argument `at` names. */
  readonly nodeAt: (test: Case, at: number) => Node;
  /** Options of all nodes that are added from now on. */
  readonly defaults: (options: Partial<RaftOptions>) => void;
}

/** Runs the cases of an interaction file: they share one group. */
export function createInteractionRun(mode: Mode = {}): (test: Case) => string {
  const environment = new Environment(mode);
  return (test) => environment.handle(test);
}

const TICKS = { election: 3, heartbeat: 1 };
const TRANSITIONS: Readonly<Record<string, ConfChange["transition"]>> = {
  auto: "auto",
  implicit: "joint-implicit",
  explicit: "joint-explicit",
};
class Environment {
  readonly #output = new Output();
  readonly #network: Network = { nodes: new Map(), inFlight: [], output: this.#output };
  readonly #mode: Mode;
  #defaults: Partial<RaftOptions> = {};
  readonly #extensions: Readonly<Record<string, Command>>;
  readonly #commands: Readonly<Record<string, Command>> = {
    _breakpoint: () => undefined,
    "add-nodes": (test) => this.#addNodes(test),
    campaign: (test) => this.#nodeAt(test, 0).core.campaign(),
    compact: (test) => this.#compact(test),
    "deliver-msgs": (test) => this.#deliver(test),
    "process-ready": (test) => this.#each(test, "handling Ready", (node) => node.processReady()),
    "process-append-thread": (test) =>
      this.#each(test, "processing append thread", (node) => node.processAppend()),
    "process-apply-thread": (test) =>
      this.#each(test, "processing apply thread", (node) => node.processApply()),
    "log-level": (test) => this.#setLevel(test.args[0]?.key ?? ""),
    "raft-log": (test) => this.#writeLog(this.#nodeAt(test, 0)),
    "raft-state": () => this.#writeState(),
    "set-randomized-election-timeout": (test) => this.#setTimeout(test),
    stabilize: (test) => this.#stabilize(test),
    status: (test) => this.#writeStatus(this.#nodeAt(test, 0)),
    "tick-election": (test) => this.#tick(test, TICKS.election),
    "tick-heartbeat": (test) => this.#tick(test, TICKS.heartbeat),
    "transfer-leadership": (test) => this.#transfer(test),
    "forget-leader": (test) => this.#nodeAt(test, 0).core.forgetLeader(),
    "send-snapshot": (test) => this.#sendSnapshot(test),
    propose: (test) => this.#propose(test),
    "propose-conf-change": (test) => this.#proposeChange(test),
    "report-unreachable": (test) => this.#nodeAt(test, 0).core.reportUnreachable(idAt(test, 1)),
  };

  constructor(mode: Mode) {
    this.#mode = mode;
    const host: Host = {
      network: this.#network,
      nodeAt: (test, at) => this.#nodeAt(test, at),
      defaults: (options) => {
        this.#defaults = { ...this.#defaults, ...options };
      },
    };
    this.#extensions = mode.extend?.(host) ?? {};
  }

  #command(name: string): Command | undefined {
    const known = Object.entries({ ...this.#commands, ...this.#extensions });
    return known.find(([key]) => key === name)?.[1];
  }

  handle(test: Case): string {
    this.#output.take();
    try {
      const command = this.#command(test.command);
      if (command === undefined) throw new CommandError("unknown command");
      command(test);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      if (this.#output.level === "NONE") return error.message;
      this.#output.write(error.message);
    }
    return this.#output.take() || "ok";
  }

  #node(test: Case, id: NodeId): Node {
    const node = this.#network.nodes.get(id);
    if (node === undefined) throw new DataDrivenError(test.line, `no node ${id}`);
    return node;
  }

  #nodeAt(test: Case, at: number): Node {
    return this.#node(test, idAt(test, at));
  }

  #addNodes(test: Case): void {
    const count = parseWhole(test, test.args[0]?.key ?? "");
    const options = { ...optionsOf(test), ...this.#defaults };
    const confState: ConfState = {
      voters: idsOf(test, "voters"),
      learners: idsOf(test, "learners"),
      votersOutgoing: [],
      learnersNext: [],
      autoLeave: false,
    };
    const index = wholeOf(test, "index") ?? 0;
    const bootstrapped = index > 0 || confState.voters.length + confState.learners.length > 0;
    if (bootstrapped && index <= 1)
      throw new CommandError("index must be specified as > 1 due to bootstrap");
    const snapshot = bootstrapped
      ? { index: logIndex(index), term: term(1), confState }
      : undefined;
    const { nodes, output } = this.#network;
    const { random = (): number => 0.5 } = this.#mode;
    const post = (parcel: Parcel): void => {
      this.#post(parcel);
    };
    for (let added = 0; added < count; added += 1) {
      const id = parseId(test, String(nodes.size + 1));
      nodes.set(id, new Node({ id, snapshot, options: { random, ...options }, output, post }));
    }
  }

  #post(parcel: Parcel): void {
    const { carry = (same: Parcel): Parcel => same } = this.#mode;
    this.#network.inFlight.push(frozen(carry(parcel)));
  }

  #compact(test: Case): void {
    const node = this.#nodeAt(test, 0);
    node.compact(logIndex(parseWhole(test, test.args[1]?.key ?? "")));
    this.#writeLog(node);
  }

  #deliver(test: Case): void {
    const name = valueOf(test, "type");
    const delivered = new Set(plainIds(test));
    if (idsOf(test, "drop").some((id) => delivered.has(id)))
      throw new DataDrivenError(test.line, "delivered and dropped at once");
    let count = 0;
    const handle = (id: NodeId, drop: boolean): void => {
      const parcels = messagesOf(this.#network, id, { name, drop });
      count += parcels.length;
      if (drop) dropAll(this.#network, parcels);
      else deliver(this.#network, this.#node(test, id), parcels);
    };
    for (const { key, values } of test.args) {
      if (key === "type") continue;
      if (key === "drop") for (const value of values) handle(parseId(test, value), true);
      else if (values.length === 0) handle(parseId(test, key), false);
      else throw new DataDrivenError(test.line, `unknown argument ${key}`);
    }
    if (count === 0) this.#output.write("no messages\n");
  }

  /** One node as it is; several with a header each. */
  #each(test: Case, what: string, body: (node: Node) => void): void {
    const nodes = plainIds(test).map((id) => this.#node(test, id));
    const [only] = nodes;
    if (nodes.length === 1 && only !== undefined) {
      body(only);
      return;
    }
    for (const node of nodes) {
      this.#output.write(`> ${node.id} ${what}\n`);
      this.#output.indented(() => body(node));
    }
  }

  #setLevel(name: string): void {
    const level = LEVELS.find((known) => known === name.toUpperCase());
    if (level === undefined)
      throw new CommandError(`log levels must be either of [${LEVELS.join(" ")}]`);
    this.#output.level = level;
  }

  #writeLog({ storage }: Node): void {
    const { firstIndex, lastIndex, entries } = storage;
    if (lastIndex < firstIndex)
      this.#output.write(`log is empty: first index=${firstIndex}, last index=${lastIndex}`);
    for (const entry of entries) this.#output.write(`${describeEntry(entry)}\n`);
  }

  #writeState(): void {
    for (const { id, core, state } of this.#network.nodes.values()) {
      const { role, leader, term: now } = core.status();
      const voter = isVoter(state.configuration, id) ? "(Voter)" : "(Non-Voter)";
      this.#output.write(`${id}: ${ROLES[role]} ${voter} Term:${now} Lead:${leader}\n`);
    }
  }

  #writeStatus({ core }: Node): void {
    for (const peer of core.status().peers)
      this.#output.write(`${peer.id}: ${describePeer(peer)}\n`);
  }

  #setTimeout(test: Case): void {
    const timeout = wholeOf(test, "timeout") ?? 0;
    if (timeout === 0) throw new DataDrivenError(test.line, "a timeout is missing");
    this.#nodeAt(test, 0).state.electionTimeout = timeout;
  }

  #tick(test: Case, ticks: number): void {
    const { core } = this.#nodeAt(test, 0);
    for (let tick = 0; tick < ticks; tick += 1) core.tick();
  }

  #stabilize(test: Case): void {
    const ids = plainIds(test);
    const nodes =
      ids.length > 0 ? ids.map((id) => this.#node(test, id)) : [...this.#network.nodes.values()];
    const before = this.#output.level;
    const level = valueOf(test, "log-level");
    try {
      if (level !== undefined) this.#setLevel(level);
      stabilize(this.#network, nodes);
    } finally {
      this.#output.level = before;
    }
  }

  #transfer(test: Case): void {
    const [from, to] = [idsOf(test, "from")[0], idsOf(test, "to")[0]];
    if (from === undefined || to === undefined)
      throw new DataDrivenError(test.line, "from and to are needed");
    try {
      this.#node(test, from).core.transferLeadership(to);
    } catch (error) {
      if (!isRaftError(error)) throw error;
    }
  }

  #sendSnapshot(test: Case): void {
    const { id: from, core, newestSnapshot: snapshot } = this.#nodeAt(test, 0);
    const { id: to } = this.#nodeAt(test, 1);
    const message: Message = { type: "snapshot", from, to, term: core.status().term, snapshot };
    this.#post(message);
    this.#output.write(describeMessage(message));
  }

  #propose(test: Case): void {
    const { core } = this.#nodeAt(test, 0);
    const [, data, ...more] = test.args;
    if (data === undefined || data.values.length > 0 || more.length > 0)
      throw new DataDrivenError(test.line, "exactly one word to propose is needed");
    proposing(() => core.propose([new TextEncoder().encode(data.key)]));
  }

  #proposeChange(test: Case): void {
    const { core } = this.#nodeAt(test, 0);
    const unknown = test.args.find(
      ({ key, values }) => values.length > 0 && key !== "v1" && key !== "transition",
    );
    if (unknown !== undefined) throw new CommandError(`unknown command ${unknown.key}`);
    const v1 = booleanOf(test, "v1") ?? false;
    const name = valueOf(test, "transition") ?? "auto";
    const transition = TRANSITIONS[name];
    if (transition === undefined) throw new CommandError(`unknown transition ${name}`);
    const changes = parseChanges(test.input);
    if (typeof changes === "string") throw new CommandError(changes);
    const [only] = changes;
    if (v1 && (changes.length !== 1 || transition !== "auto"))
      throw new CommandError("v1 conf change can only have one operation and no transition");
    const context = new Uint8Array(0);
    const draft: EntryDraft =
      v1 && only !== undefined
        ? { kind: "conf-change", data: encodeConfChangeV1({ id: 0n, ...only, context }) }
        : { kind: "conf-change-v2", data: encodeConfChange({ transition, changes, context }) };
    proposing(() => core.proposeEntries([draft]));
  }
}

function optionsOf(test: Case): Partial<RaftOptions> {
  const readOnly = valueOf(test, "read-only") ?? "safe";
  if (readOnly !== "safe" && readOnly !== "lease-based")
    throw new CommandError(`invalid read-only option "${readOnly}"`);
  const unlimited = Number.MAX_SAFE_INTEGER;
  // All of them, so that the reference's defaults hold, and none of this package's.
  return {
    electionTicks: TICKS.election,
    heartbeatTicks: TICKS.heartbeat,
    maxBytesPerAppend: unlimited,
    maxInflightBytes: unlimited,
    maxUncommittedBytes: unlimited,
    maxInflightAppends: wholeOf(test, "inflight") ?? 2 ** 31 - 1,
    maxCommittedBytesPerReady: wholeOf(test, "max-committed-size-per-ready") ?? unlimited,
    asyncStorageWrites: booleanOf(test, "async-storage-writes") ?? false,
    preVote: booleanOf(test, "prevote") ?? false,
    checkQuorum: booleanOf(test, "checkquorum") ?? false,
    validateChanges: !(booleanOf(test, "disable-conf-change-validation") ?? false),
    stepDownOnRemoval: booleanOf(test, "step-down-on-removal") ?? false,
    forwardProposals: true,
    batchAppends: false,
    priority: 0,
    readMode: readOnly === "lease-based" ? "lease" : "quorum",
  };
}
