import { unreachable } from "../internal/assert.ts";
import type { ObjectKind, SwarmObject } from "../objects/object.ts";

/** How names are compared. */
export function foldName(name: string): string {
  return name.toLowerCase();
}

/** What an object is found by, as {@link foldName} writes it; undefined while it has no name. */
export function nameOf(object: SwarmObject): string | undefined {
  switch (object.kind) {
    case "cluster":
    case "service":
      return foldName(object.spec.name);
    case "node":
      return object.description === undefined ? undefined : foldName(object.description.hostname);
    case "task":
      return foldName(`${object.service.name}.${object.slot}.${object.id}`);
    default:
      return unreachable(object);
  }
}

/** Kinds of which no two objects may have the same name. Hostnames repeat; a task's name holds its id. */
export function isNameUnique(kind: ObjectKind): boolean {
  return kind === "cluster" || kind === "service";
}
