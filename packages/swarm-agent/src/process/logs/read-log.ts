import type { FileHandle } from "node:fs/promises";
import { ExecutorError } from "../../errors.ts";
import type { LogLine, LogOptions } from "../../executor.ts";
import { LOG_CHUNK_BYTES, LOG_RECORD_BYTES_MAX } from "../limits.ts";
import type { LogCollector } from "./collector.ts";
import { decodeLogRecord } from "./record.ts";

export interface ReadLogOptions {
  readonly collector: LogCollector;
  readonly options: LogOptions;
  /** Whether no more output will come: the task has ended and its last output was collected, or it was removed. */
  readonly ended: () => boolean;
}

/** The log's lines, oldest first; then, when following, new ones until the task has ended. */
export async function* readLog(read: ReadLogOptions): AsyncGenerator<LogLine> {
  const { collector, options } = read;
  if (options.tail !== undefined && (!Number.isSafeInteger(options.tail) || options.tail < 0)) {
    throw new ExecutorError("logs-invalid", "the number of lines from the end must be 0 or more");
  }
  await collector.collect();
  const files = await collector.openFiles();
  const previous = new RecordReader(files.previous);
  let current = new RecordReader(files.current);
  let { generation } = files;
  try {
    yield* lastLines(options, [previous, current]);
    if (!options.follow) return;
    while (!options.signal.aborted) {
      const ended = read.ended();
      const changed = nextChange(collector, options.signal);
      const rotated = collector.generation() !== generation || !current.isOpen;
      let found = false;
      for await (const line of current.lines()) {
        found = true;
        if (options.untilMs !== undefined && line.timestampMs >= options.untilMs) return;
        if (wanted(line, options)) yield line;
      }
      if (rotated) {
        await current.close();
        ({ reader: current, generation } = await openAfter(collector, generation));
        if (current.isOpen) found = true;
      }
      if (found) changed.cancel();
      else if (ended) return;
      else await changed.happened;
    }
  } finally {
    await previous.close();
    await current.close();
  }
}

async function* lastLines(
  options: LogOptions,
  readers: readonly RecordReader[],
): AsyncGenerator<LogLine> {
  const { tail, signal } = options;
  const last: LogLine[] = [];
  for (const reader of readers) {
    for await (const line of reader.lines()) {
      if (signal.aborted) return;
      if (!wanted(line, options)) continue;
      if (tail === undefined) yield line;
      else if (tail > 0) {
        last.push(line);
        // Trimmed in bulk: shifting one by one would cost the square of the tail.
        if (last.length >= 2 * tail) last.splice(0, last.length - tail);
      }
    }
  }
  if (tail !== undefined && tail > 0) yield* last.slice(-tail);
}

/** The file after that of `generation`, or the oldest that is still there. */
async function openAfter(
  collector: LogCollector,
  generation: number,
): Promise<{ readonly reader: RecordReader; readonly generation: number }> {
  const files = await collector.openFiles();
  const twoOn = files.generation >= generation + 2;
  await (twoOn ? files.current : files.previous)?.close();
  return {
    reader: new RecordReader(twoOn ? files.previous : files.current),
    generation: twoOn ? files.generation - 1 : files.generation,
  };
}

function wanted(line: LogLine, options: LogOptions): boolean {
  const { sinceMs = -Infinity, untilMs = Infinity } = options;
  return options[line.stream] && line.timestampMs >= sinceMs && line.timestampMs < untilMs;
}

function nextChange(
  collector: LogCollector,
  signal: AbortSignal,
): { readonly happened: Promise<void>; readonly cancel: () => void } {
  let cancel: () => void = () => undefined;
  const happened = new Promise<void>((resolve) => {
    const end = (): void => {
      signal.removeEventListener("abort", end);
      unsubscribe();
      resolve();
    };
    const unsubscribe = collector.subscribe(end);
    signal.addEventListener("abort", end, { once: true });
    cancel = end;
  });
  return { happened, cancel };
}

/** Reads records from a file that grows; what is incomplete at its end stays for the next time. */
class RecordReader {
  readonly #file: FileHandle | undefined;
  #position = 0;
  #rest = Buffer.alloc(0);

  constructor(file: FileHandle | undefined) {
    this.#file = file;
  }

  get isOpen(): boolean {
    return this.#file !== undefined;
  }

  async *lines(): AsyncGenerator<LogLine> {
    if (this.#file === undefined) return;
    for (;;) {
      const chunk = Buffer.alloc(LOG_CHUNK_BYTES);
      const { bytesRead } = await this.#file.read(chunk, 0, chunk.length, this.#position);
      if (bytesRead === 0) return;
      this.#position += bytesRead;
      const data = Buffer.concat([this.#rest, chunk.subarray(0, bytesRead)]);
      const end = data.lastIndexOf(0x0a) + 1;
      this.#rest = data.subarray(end);
      if (this.#rest.length > LOG_RECORD_BYTES_MAX) this.#rest = Buffer.alloc(0);
      for (const text of data.toString("utf8", 0, end).split("\n")) {
        const line = text === "" ? undefined : decodeLogRecord(text);
        if (line !== undefined) yield line;
      }
    }
  }

  close(): Promise<void> {
    return this.#file?.close() ?? Promise.resolve();
  }
}
