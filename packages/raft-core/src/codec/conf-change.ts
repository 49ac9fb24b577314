import type { Entry } from "../entry.ts";
import type { NodeId } from "../ids.ts";
import type { ConfChange, ConfChangeSingle } from "../membership/change.ts";
import { CodecError } from "./errors.ts";
import { LIST_ELEMENTS_MAX } from "./limits.ts";
import { WireWriter, eachField, pushLimited } from "./wire.ts";

const TYPES: readonly ConfChangeSingle["type"][] = ["add-voter", "remove", "update", "add-learner"];
const TRANSITIONS: readonly ConfChange["transition"][] = [
  "auto",
  "joint-implicit",
  "joint-explicit",
];

function oneOf<T>(values: readonly T[], value: number, what: string): T {
  const found = values[value];
  if (found === undefined) throw new CodecError("unknown-value", `${what} ${value}`);
  return found;
}

/** A change of the members as raftpb ConfChangeV2: the data of an entry of kind `conf-change-v2`. */
export function encodeConfChange(change: ConfChange): Uint8Array {
  const writer = new WireWriter().uint(1, TRANSITIONS.indexOf(change.transition));
  for (const { type, node } of change.changes)
    writer.bytes(2, new WireWriter().uint(1, TYPES.indexOf(type)).uint(2, node).finish());
  if (change.context.byteLength > 0) writer.bytes(3, change.context);
  return writer.finish();
}

/** The inverse of {@link encodeConfChange}; no bytes mean "leave the joint configuration". @throws CodecError. */
export function decodeConfChange(bytes: Uint8Array): ConfChange {
  let transition: ConfChange["transition"] = "auto";
  const changes: ConfChangeSingle[] = [];
  let context: Uint8Array = new Uint8Array(0);
  eachField(bytes, (field) => {
    if (field.number === 1) transition = oneOf(TRANSITIONS, field.uint(), "transition");
    else if (field.number === 2)
      pushLimited(changes, decodeSingle(field.bytes()), LIST_ELEMENTS_MAX);
    else if (field.number === 3) context = field.bytes().slice();
  });
  return { transition, changes, context };
}

function decodeSingle(bytes: Uint8Array): ConfChangeSingle {
  let type: ConfChangeSingle["type"] = "add-voter";
  let node = 0;
  eachField(bytes, (field) => {
    if (field.number === 1) type = oneOf(TYPES, field.uint(), "change type");
    else if (field.number === 2) node = field.uint();
  });
  return { type, node: node as NodeId };
}

/** The older raftpb ConfChange, of entries of kind `conf-change`: one change in one step. @throws CodecError. */
export function decodeConfChangeV1(bytes: Uint8Array): ConfChange {
  let type: ConfChangeSingle["type"] = "add-voter";
  let node = 0;
  let context: Uint8Array = new Uint8Array(0);
  eachField(bytes, (field) => {
    if (field.number === 2) type = oneOf(TYPES, field.uint(), "change type");
    else if (field.number === 3) node = field.uint();
    else if (field.number === 4) context = field.bytes().slice();
  });
  return { transition: "auto", changes: [{ type, node: node as NodeId }], context };
}

/** The change that an entry holds; undefined for a normal entry. @throws CodecError when its data are not one. */
export function confChangeOf(entry: Pick<Entry, "kind" | "data">): ConfChange | undefined {
  switch (entry.kind) {
    case "normal":
      return undefined;
    case "conf-change":
      return decodeConfChangeV1(entry.data);
    case "conf-change-v2":
      return decodeConfChange(entry.data);
  }
}
