import Table from "cli-table3";
import { Option } from "commander";

export type Format = "table" | "json";

/** `--format` as all listing commands have it. */
export function formatOption(): Option {
  return new Option("--format <format>", "how to print: a table for people, or JSON for scripts")
    .choices(["table", "json"])
    .default("table");
}

/** A table without frame lines, one row per record. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: [...head],
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
    chars: {
      top: "",
      "top-mid": "",
      "top-left": "",
      "top-right": "",
      bottom: "",
      "bottom-mid": "",
      "bottom-left": "",
      "bottom-right": "",
      left: "",
      "left-mid": "",
      mid: "",
      "mid-mid": "",
      right: "",
      "right-mid": "",
      middle: "",
    },
  });
  for (const row of rows) table.push([...row]);
  return `${table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")}\n`;
}

export function renderJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** How ids are shown in tables. */
export function shortId(id: string): string {
  return id.slice(0, 12);
}

/** `3 minutes` and the like, for ages in tables. */
export function formatAge(ageMs: number): string {
  const seconds = Math.max(0, Math.floor(ageMs / 1000));
  for (const [unit, size] of [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ] as const) {
    const count = Math.floor(seconds / size);
    if (count >= 1) return `${count} ${unit}${count === 1 ? "" : "s"}`;
  }
  return `${seconds} second${seconds === 1 ? "" : "s"}`;
}

/** Collects a repeatable option's values. */
export function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}
