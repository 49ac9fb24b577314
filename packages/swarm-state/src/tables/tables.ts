import type { ObjectKind } from "../objects/object.ts";
import { Overlay } from "./overlay.ts";
import { Table } from "./table.ts";
import type { TableReader } from "./table.ts";

/** One table per kind. */
export type TablesOf<T extends TableReader> = Readonly<Record<ObjectKind, T>>;

/** Every kind, in the order in which snapshots hold them. */
export const OBJECT_KINDS: readonly ObjectKind[] = ["cluster", "node", "service", "task"];

/** Empty tables. */
export function createTables(): TablesOf<Table> {
  return { cluster: new Table(), node: new Table(), service: new Table(), task: new Table() };
}

/** An empty overlay on each table. */
export function overlayTables(below: TablesOf<TableReader>): TablesOf<Overlay> {
  return {
    cluster: new Overlay(below.cluster),
    node: new Overlay(below.node),
    service: new Overlay(below.service),
    task: new Overlay(below.task),
  };
}
