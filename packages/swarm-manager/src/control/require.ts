import type { ObjectKind, ObjectMeta, ObjectOf, View } from "@waggle/swarm-state";
import { ControlError } from "./errors.ts";

/** The object with the id. @throws ControlError `not-found`, and `invalid-argument` for an empty id. */
export function requireObject<K extends ObjectKind>(view: View, kind: K, id: string): ObjectOf<K> {
  if (id === "") throw new ControlError("invalid-argument", `a ${kind} id is required`);
  const object = view.get(kind, id);
  if (object === undefined) throw new ControlError("not-found", `${kind} ${id} not found`);
  return object;
}

/** Whether the caller has seen the newest version. @throws ControlError `out-of-sequence` */
export function requireVersion(object: ObjectMeta, version: number): void {
  if (object.version !== version) {
    throw new ControlError("out-of-sequence", "update out of sequence");
  }
}
