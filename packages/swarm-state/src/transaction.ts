import { StoreError } from "./errors.ts";
import type { ObjectDraft, ObjectKind, SwarmObject } from "./objects/object.ts";
import { isObjectKind, validateObject } from "./objects/validate-object.ts";
import type { Change, Transaction } from "./store.ts";
import { isNameUnique, nameOf } from "./tables/name-index.ts";
import { overlayTables } from "./tables/tables.ts";
import type { TablesOf } from "./tables/tables.ts";
import type { TableReader } from "./tables/table.ts";
import { TablesView } from "./view.ts";

/** What a transaction is made of. */
export interface TransactionSetup {
  /** What it is built upon: the speculative head. */
  readonly below: TablesOf<TableReader>;
  readonly index: number;
  readonly nowMs: number;
  /** Version of all that it writes until the entry has an index: negative, so that it is no index. */
  readonly provisionalVersion: number;
}

/** A transaction while it is being written. Its overlay is read by itself alone; `changes` tells what came of it. */
export class OpenTransaction extends TablesView implements Transaction {
  readonly #setup: TransactionSetup;
  readonly #tables: ReturnType<typeof overlayTables>;
  /** Net change per object, in order of first touch. What was created and deleted again is no change. */
  readonly #changes = new Map<string, Change>();
  #open = true;

  constructor(setup: TransactionSetup) {
    const tables = overlayTables(setup.below);
    super(tables, () => setup.index);
    this.#setup = setup;
    this.#tables = tables;
  }

  create<T extends SwarmObject>(draft: ObjectDraft<T>): void {
    const { nowMs, provisionalVersion } = this.#setup;
    const object: unknown = {
      ...draft,
      version: provisionalVersion,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    };
    this.#check(object);
    if (this.#tables[object.kind].get(object.id) !== undefined)
      throw new StoreError("exists", `${object.kind} ${object.id} exists`);
    this.#write("create", object);
  }

  update(object: SwarmObject): void {
    const { nowMs, provisionalVersion } = this.#setup;
    this.#check(object);
    const stored = this.#tables[object.kind].get(object.id);
    if (stored === undefined) throw notFound(object.kind, object.id);
    if (stored.version !== object.version)
      throw new StoreError(
        "out-of-sequence",
        `${object.kind} ${object.id} is at version ${stored.version}, not ${object.version}`,
      );
    const { createdAtMs } = stored;
    this.#write(
      "update",
      Object.freeze({ ...object, version: provisionalVersion, createdAtMs, updatedAtMs: nowMs }),
    );
  }

  delete(kind: ObjectKind, id: string): void {
    this.#assertOpen();
    const stored = isObjectKind(kind) ? this.#tables[kind].get(id) : undefined;
    if (stored === undefined) throw notFound(kind, id);
    this.#tables[kind].remove(id);
    const key = `${kind}/${id}`;
    if (this.#changes.get(key)?.type === "create") this.#changes.delete(key);
    else this.#changes.set(key, { type: "delete", object: stored });
  }

  /** Ends the transaction and tells what it changed. */
  close(): readonly Change[] {
    this.#open = false;
    return [...this.#changes.values()];
  }

  #check(object: unknown): asserts object is SwarmObject {
    this.#assertOpen();
    try {
      validateObject(object);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new StoreError("invalid-object", `not an object of the swarm: ${reason}`, { cause });
    }
  }

  #write(type: "create" | "update", object: SwarmObject): void {
    this.#checkName(object);
    this.#tables[object.kind].put(object);
    const key = `${object.kind}/${object.id}`;
    const before = this.#changes.get(key)?.type;
    this.#changes.set(key, { type: NET_CHANGE[before ?? type][type], object });
  }

  #checkName(object: SwarmObject): void {
    const name = nameOf(object);
    if (name === undefined || !isNameUnique(object.kind)) return;
    const named = this.#tables[object.kind].named(name);
    for (let id = named.after(""); id !== undefined; id = named.after(id))
      if (id !== object.id)
        throw new StoreError("name-conflict", `${object.kind} ${id} has the name ${name}`);
  }

  #assertOpen(): void {
    if (!this.#open) throw new StoreError("misuse", "the transaction is over");
  }
}

/** What a change and a later one come to together. */
const NET_CHANGE = {
  create: { create: "create", update: "create" },
  update: { create: "update", update: "update" },
  delete: { create: "update", update: "update" },
} as const;

function notFound(kind: string, id: string): StoreError {
  return new StoreError("not-found", `no ${kind} ${id}`);
}
