import { logIndex } from "../../src/index.ts";
import type { RaftOptions } from "../../src/index.ts";
import { booleanOf, idAt, parseWhole, valueOf, wholeOf } from "../conformance/arguments.ts";
import { DataDrivenError } from "../conformance/datadriven.ts";
import type { Case } from "../conformance/datadriven.ts";
import type { Command, Host } from "../conformance/interaction/environment.ts";
import { proposing } from "../conformance/interaction/proposing.ts";
import { deliver, messagesOf } from "../conformance/interaction/delivery.ts";
import { Node } from "../conformance/interaction/node.ts";
import { CommandError } from "../conformance/interaction/output.ts";
import { isRaftError } from "../../src/index.ts";

const NUMBERS = [
  "maxBytesPerAppend",
  "maxInflightBytes",
  "maxUncommittedBytes",
  "priority",
] as const satisfies readonly (keyof RaftOptions)[];
const SWITCHES = [
  "batchAppends",
  "forwardProposals",
] as const satisfies readonly (keyof RaftOptions)[];

/** The directives that only our own transcripts know. `docs/TESTING.md` lists them. */
export function ownDirectives(host: Host): Readonly<Record<string, Command>> {
  return {
    crash: (test) => {
      crash(host, test);
    },
    "deliver-mixed": (test) => {
      deliverMixed(host, test);
    },
    "propose-size": (test) => {
      const { core } = host.nodeAt(test, 0);
      const bytes = parseWhole(test, test.args[1]?.key ?? "");
      const one = new TextEncoder().encode("x".repeat(bytes));
      const count = wholeOf(test, "count") ?? 1;
      proposing(() => {
        core.propose(Array.from({ length: count }, () => one));
      });
    },
    "read-index": (test) => {
      const { core } = host.nodeAt(test, 0);
      const context = new TextEncoder().encode(test.args[1]?.key ?? "");
      telling(() => {
        core.readIndex(context);
      });
    },
    "report-snapshot": (test) => {
      const outcome = valueOf(test, "outcome");
      if (outcome !== "finished" && outcome !== "failed")
        throw new DataDrivenError(test.line, "outcome: neither finished nor failed");
      host.nodeAt(test, 0).core.reportSnapshot(idAt(test, 1), outcome);
    },
    restart: (test) => {
      const node = host.nodeAt(test, 0);
      if (node.appendWork.length + node.applyWork.length > 0)
        throw new CommandError("work waits: process it, or crash");
      startAgain(host, test, node);
    },
    "set-inflight": (test) => {
      const [appends, bytes] = [wholeOf(test, "appends"), wholeOf(test, "bytes")];
      telling(() => {
        host.nodeAt(test, 0).core.setInflightLimits(idAt(test, 1), {
          ...(appends === undefined ? {} : { appends }),
          ...(bytes === undefined ? {} : { bytes }),
        });
      });
    },
    "set-option": (test) => {
      host.defaults(optionOf(test));
    },
    "set-priority": (test) => {
      host.nodeAt(test, 0).core.setPriority(parseWhole(test, test.args[1]?.key ?? ""));
    },
    tick: (test) => {
      const { core } = host.nodeAt(test, 0);
      const count = parseWhole(test, test.args[1]?.key ?? "");
      for (let tick = 0; tick < count; tick += 1) core.tick();
    },
  };
}

function telling(ask: () => void): void {
  try {
    ask();
  } catch (error) {
    if (isRaftError(error)) throw new CommandError(`refused: ${error.code}`);
    throw error;
  }
}

/** An option of all nodes that are added from now on. */
function optionOf(test: Case): Partial<RaftOptions> {
  const key = test.args[0]?.key ?? "";
  const number = NUMBERS.find((known) => known === key);
  if (number !== undefined) return { [number]: wholeOf(test, key) ?? 0 };
  const flag = SWITCHES.find((known) => known === key);
  if (flag !== undefined) return { [flag]: booleanOf(test, key) ?? false };
  throw new DataDrivenError(test.line, `unknown option ${key}`);
}

/** The node begins anew with what its disk holds; the state machine is back at `applied`. */
function startAgain({ network }: Host, test: Case, node: Node): void {
  const { start, storage } = node;
  const applied = wholeOf(test, "applied") ?? storage.firstIndex - 1;
  const options = { ...start.options, applied: logIndex(applied) };
  const kept = node.kept(logIndex(applied));
  network.nodes.set(node.id, new Node({ ...start, options, kept }));
}

/** What was not written is lost, and so is whatever the node and its threads had to say to each other. */
function crash(host: Host, test: Case): void {
  const { inFlight, nodes } = host.network;
  const node = host.nodeAt(test, 0);
  const isLocal = (from: number): boolean => from === node.id || !nodes.has(from as typeof node.id);
  const kept = inFlight.filter(({ from, to }) => !(to === node.id && isLocal(from)));
  inFlight.splice(0, inFlight.length, ...kept);
  startAgain(host, test, node);
}

/**
 * All messages to a node, each `duplicate` times, or in the order that `reorder` gives: positions from 1, of which some
 * may be left out or named twice.
 */
function deliverMixed({ network, nodeAt }: Host, test: Case): void {
  const node = nodeAt(test, 0);
  const parcels = messagesOf(network, node.id, { name: valueOf(test, "type"), drop: false });
  const copies = wholeOf(test, "duplicate") ?? 1;
  const order = test.args.find(({ key }) => key === "reorder")?.values;
  const positions = order?.map((text) => parseWhole(test, text)) ?? parcels.map((_, at) => at + 1);
  const chosen = positions.map((position) => {
    const parcel = parcels[position - 1];
    if (parcel === undefined) throw new DataDrivenError(test.line, `no message ${position}`);
    return parcel;
  });
  if (chosen.length === 0) network.output.write("no messages\n");
  deliver(
    network,
    node,
    chosen.flatMap((parcel) => Array.from({ length: copies }, () => parcel)),
  );
}
