import type { NodeId } from "../../../src/index.ts";
import { APPEND_THREAD, APPLY_THREAD } from "../../../src/index.ts";
import { describeMessage, messageTypeOf } from "./describe-message.ts";
import type { Parcel } from "./describe-message.ts";
import type { Node } from "./node.ts";
import type { Output } from "./output.ts";

/** Rounds in which nodes that work come to rest; those that do not never end. */
const ROUNDS_MAX = 10_000;

/** All nodes, and what is on its way between them, in the order of sending. */
export interface Network {
  readonly nodes: Map<NodeId, Node>;
  readonly inFlight: Parcel[];
  readonly output: Output;
}

/** Takes out what is addressed to `to`. What a node sends to itself is never dropped. */
export function messagesOf(
  { inFlight }: Network,
  to: NodeId,
  { name, drop }: { readonly name: string | undefined; readonly drop: boolean },
): readonly Parcel[] {
  const matches = (parcel: Parcel): boolean =>
    parcel.to === to &&
    (name === undefined || parcel.type === messageTypeOf(name)) &&
    !(drop && isLocal(parcel));
  const taken = inFlight.filter(matches);
  inFlight.splice(0, inFlight.length, ...inFlight.filter((parcel) => !matches(parcel)));
  return taken;
}

function isLocal({ from, to }: Parcel): boolean {
  const threads = [APPEND_THREAD, APPLY_THREAD];
  return from === to || threads.includes(from) || threads.includes(to);
}

/** Loses what was taken out; the receiver need not exist. */
export function dropAll({ output }: Network, parcels: readonly Parcel[]): void {
  for (const parcel of parcels) output.write(`dropped: ${describeMessage(parcel)}\n`);
}

/** Gives `node` what was taken out for it. */
export function deliver({ output }: Network, node: Node, parcels: readonly Parcel[]): void {
  for (const parcel of parcels) {
    output.write(`${describeMessage(parcel)}\n`);
    const refusal = node.step(parcel);
    if (refusal !== undefined) output.write(`${refusal}\n`);
  }
}

/** Lets `nodes` work and talk until none of them has anything left to do. */
export function stabilize(network: Network, nodes: readonly Node[]): void {
  const { output } = network;
  const section = (id: NodeId, what: string, body: () => void): void => {
    output.write(`> ${id} ${what}\n`);
    output.indented(body);
  };
  let rounds = 0;
  for (let busy = true; busy; rounds += 1) {
    if (rounds > ROUNDS_MAX) throw new Error(`not stable after ${ROUNDS_MAX} rounds`);
    busy = false;
    for (const node of nodes) {
      if (!node.core.hasReady()) continue;
      busy = true;
      section(node.id, "handling Ready", () => node.processReady());
    }
    for (const node of nodes) {
      const parcels = messagesOf(network, node.id, { name: undefined, drop: false });
      if (parcels.length === 0) continue;
      busy = true;
      section(node.id, "receiving messages", () => deliver(network, node, parcels));
    }
    for (const node of nodes) {
      if (node.appendWork.length === 0) continue;
      busy = true;
      section(node.id, "processing append thread", () => {
        while (node.appendWork.length > 0) node.processAppend();
      });
    }
    for (const node of nodes) {
      if (node.applyWork.length === 0) continue;
      busy = true;
      section(node.id, "processing apply thread", () => {
        while (node.applyWork.length > 0) node.processApply();
      });
    }
  }
}
