import type { Measurement } from "./measure.ts";

/** The one document that `--json` prints. */
export interface Report {
  readonly node: string;
  readonly clock: string;
  readonly results: readonly ResultRow[];
}

interface ResultRow {
  readonly name: string;
  readonly operationsPerSecond: number;
  readonly marginPercent: number;
  readonly bytesPerOperation: number;
  /** How many times as fast as another row. */
  readonly ratio?: { readonly to: string; readonly factor: number };
  readonly details: Readonly<Record<string, number>>;
}

/** Puts the ratios to the measurements. */
export function resultRows(measurements: readonly Measurement[]): readonly ResultRow[] {
  const speeds = new Map(
    measurements.map(({ name, operationsPerSecond }) => [name, operationsPerSecond]),
  );
  return measurements.map(({ comparedWith: to, ...row }) => {
    const other = to === undefined ? undefined : speeds.get(to);
    if (to === undefined || other === undefined) return row;
    return { ...row, ratio: { to, factor: row.operationsPerSecond / other } };
  });
}

/** The table for people. */
export function table(rows: readonly ResultRow[]): string {
  const lines = rows.map((row) => [
    row.name,
    whole(row.operationsPerSecond),
    `±${row.marginPercent.toFixed(1)} %`,
    row.bytesPerOperation < 10 ? row.bytesPerOperation.toFixed(1) : whole(row.bytesPerOperation),
    remarks(row),
  ]);
  const head = ["", "operations/s", "", "bytes/operation", ""];
  const widths = head.map((_, at) => Math.max(...[head, ...lines].map((line) => line[at]!.length)));
  const text = [head, ...lines].map((line) =>
    line
      .map((cell, at) =>
        at === 0 || at === head.length - 1 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!),
      )
      .join("  ")
      .trimEnd(),
  );
  return text.join("\n");
}

function remarks({ ratio, details }: ResultRow): string {
  const figures = Object.entries(details).map(([name, value]) => `${name} ${value.toFixed(2)}`);
  if (ratio !== undefined) figures.unshift(`${ratio.factor.toFixed(2)} × ${ratio.to}`);
  return figures.join(", ");
}

function whole(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(?:\d{3})+$)/gu, " ");
}
