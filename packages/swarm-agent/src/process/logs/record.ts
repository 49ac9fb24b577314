import type { LogLine } from "../../executor.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** One line of the log: JSON with stream, time and text, or base64 where the text is not UTF-8. */
export function encodeLogRecord(line: LogLine): string {
  const head = { s: line.stream, t: line.timestampMs };
  try {
    return `${JSON.stringify({ ...head, m: decoder.decode(line.text) })}\n`;
  } catch {
    return `${JSON.stringify({ ...head, b: Buffer.from(line.text).toString("base64") })}\n`;
  }
}

/** The line that a record holds; `undefined` when it is damaged. */
export function decodeLogRecord(text: string): LogLine | undefined {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof record !== "object" || record === null) return undefined;
  const { s, t, m, b } = record as Readonly<Record<string, unknown>>;
  if ((s !== "stdout" && s !== "stderr") || typeof t !== "number") return undefined;
  if (typeof m === "string") return { stream: s, timestampMs: t, text: Buffer.from(m, "utf8") };
  if (typeof b === "string") return { stream: s, timestampMs: t, text: Buffer.from(b, "base64") };
  return undefined;
}
