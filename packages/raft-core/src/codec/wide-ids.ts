import { NO_NODE } from "../ids.ts";
import type { NodeId } from "../ids.ts";
import { CodecError } from "./errors.ts";
import type { WireReader } from "./reader.ts";
import { varintSize, writeUint } from "./write.ts";

const PAYLOAD = 0x80n;

/**
 * Names of nodes on the wire where they are 64-bit numbers, as etcd's are: the core's own ids are safe integers. Both
 * functions must be inverse to each other and always give the same answer for the same id. Never asked about 0, nobody.
 */
export interface WideIds {
  /** From 1 to 2^64 - 1. */
  toWire(id: NodeId): bigint;
  /** Undefined when unknown: what names it is refused with CodecError `unknown-value`. */
  fromWire(wire: bigint): NodeId | undefined;
}

/** A {@link WideIds} that knows what it is told. */
export interface WideIdTable extends WideIds {
  /** Also for one that joins later, before anything names it. @throws RangeError when either has another partner. */
  add(id: NodeId, wire: bigint): void;
}

/** A table of ids; asked for a node that it does not hold, `toWire` throws a RangeError. @throws RangeError as `add` does. */
export function createWideIdTable(pairs: Iterable<readonly [NodeId, bigint]> = []): WideIdTable {
  const wires = new Map<NodeId, bigint>();
  const ids = new Map<bigint, NodeId>();
  const table: WideIdTable = {
    add(id, wire) {
      checkedWire(wire);
      if ((wires.get(id) ?? wire) !== wire || (ids.get(wire) ?? id) !== id)
        throw new RangeError(`${id} or ${wire} is taken`);
      wires.set(id, wire);
      ids.set(wire, id);
    },
    toWire(id) {
      const wire = wires.get(id);
      if (wire === undefined) throw new RangeError(`unknown node ${id}`);
      return wire;
    },
    fromWire: (wire) => ids.get(wire),
  };
  for (const [id, wire] of pairs) table.add(id, wire);
  return table;
}

/** What stands for a node on the wire. @throws RangeError when that is no number of 64 bits, or what `toWire` throws. */
export function wireId(id: NodeId, ids: WideIds | undefined): number | bigint {
  return ids === undefined || id === NO_NODE ? id : checkedWire(ids.toWire(id));
}

function checkedWire(wire: bigint): bigint {
  if (wire > 0n && BigInt.asUintN(64, wire) === wire) return wire;
  throw new RangeError(`not an id of 64 bits: ${wire}`);
}

/** Bytes of a {@link wireId} as a varint. */
export function idSize(id: number | bigint): number {
  if (typeof id === "number") return varintSize(id);
  let size = 1;
  for (let rest = id; rest >= PAYLOAD; rest /= PAYLOAD) size += 1;
  return size;
}

/** Writes a field that holds a {@link wireId}; the offset behind it. */
export function writeId(
  target: Uint8Array,
  offset: number,
  tag: number,
  id: number | bigint,
): number {
  if (typeof id === "number") return writeUint(target, offset, tag, id);
  target[offset] = tag;
  let at = offset + 1;
  let rest = id;
  for (; rest >= PAYLOAD; rest /= PAYLOAD) target[at++] = Number((rest % PAYLOAD) | PAYLOAD);
  target[at++] = Number(rest);
  return at;
}

/** Reads a node's id. @throws CodecError `unsafe-integer` without `ids`, `unknown-value` with them. */
export function readId(reader: WireReader, ids: WideIds | undefined): NodeId {
  if (ids === undefined) return reader.uint() as NodeId;
  const wire = readWide(reader);
  if (wire === 0n) return NO_NODE;
  const id = ids.fromWire(wire);
  if (id === undefined) throw new CodecError("unknown-value", `unknown node ${wire}`);
  return id;
}

/** Reads a number of up to 64 bits exactly. */
export function readWide(reader: WireReader): bigint {
  const start = reader.at;
  reader.varint();
  let value = 0n;
  for (let at = reader.at - 1; at >= start; at -= 1)
    value = value * PAYLOAD + BigInt((reader.bytes[at] ?? 0) & 0x7f);
  return value;
}
