import { isUtf8 } from "node:buffer";
import type { LogLine } from "../../executor.ts";

/** One line of the log: JSON with stream, time and text, or base64 where the text is not UTF-8. */
export function encodeLogRecord(line: LogLine): string {
  const { stream, timestampMs, text } = line;
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.length);
  const field = isUtf8(bytes)
    ? `"m":${JSON.stringify(bytes.toString("utf8"))}`
    : `"b":"${bytes.toString("base64")}"`;
  // Written by hand: a chatty task makes hundreds of thousands of these a second.
  return `{"s":"${stream}","t":${timestampMs},${field}}\n`;
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
