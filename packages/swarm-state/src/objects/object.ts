import type { Cluster } from "./cluster.ts";
import type { Node } from "./node.ts";
import type { Service } from "./service.ts";
import type { Task } from "./task.ts";

/** Every object kind; networks, secrets and configs will be further ones. */
export type SwarmObject = Cluster | Node | Service | Task;
export type ObjectKind = SwarmObject["kind"];
export type ObjectOf<K extends ObjectKind> = Extract<SwarmObject, { readonly kind: K }>;

/** An object without what the store fills in: version and times. */
export type ObjectDraft<T extends SwarmObject> = T extends SwarmObject
  ? Omit<T, "version" | "createdAtMs" | "updatedAtMs">
  : never;
