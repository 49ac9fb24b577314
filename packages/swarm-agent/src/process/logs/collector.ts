import { fstatSync, ftruncateSync } from "node:fs";
import { open, readFile, rename, stat, truncate, writeFile } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { AgentClock } from "../../clock.ts";
import type { LogLine } from "../../executor.ts";
import { systemCodeOf } from "../../internal/text.ts";
import {
  LOG_CHUNK_BYTES,
  LOG_FILE_BYTES_MAX,
  LOG_LINE_BYTES_MAX,
  LOG_LINES_PER_LOOK_MAX,
  RAW_BYTES_MAX,
  RAW_TRUNCATE_BYTES,
} from "../limits.ts";
import { initialCollectorState, parseCollectorState } from "./collector-state.ts";
import type { CollectorState } from "./collector-state.ts";
import { encodeLogRecord } from "./record.ts";
import { splitLines } from "./split-lines.ts";

export interface CollectorOptions {
  /** Holds `current.jsonl`, `previous.jsonl` and `state.json`. Must exist. */
  readonly directory: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly clock: AgentClock;
  readonly limits?: Partial<CollectorLimits>;
}

export interface CollectorLimits {
  readonly lineBytesMax: number;
  readonly fileBytesMax: number;
  readonly rawTruncateBytes: number;
  readonly rawBytesMax: number;
  readonly linesPerLookMax: number;
}

/** The log as it stood at one moment. */
export interface LogFiles {
  /** Rises with each rotation. */
  readonly generation: number;
  readonly previous: FileHandle | undefined;
  readonly current: FileHandle | undefined;
}

/**
 * Makes a task's log of its raw output. Each line gets the time at which it was read. What is in the log is recorded
 * together with how far the raw output was read, so that a restart neither loses nor doubles a line.
 *
 * Raw output that has been read is cut off now and then. What the task writes in the instant between the last look at the
 * file's size and the cut (two system calls in a row) is lost; that is the price of output that goes on without the agent.
 */
export interface LogCollector {
  /**
   * Reads what is new, up to a number of lines; tells whether there is more. `final`: the task has ended, so everything is
   * read, and a last line without a line feed counts too.
   */
  collect(options?: { readonly final?: boolean }): Promise<boolean>;
  /** Opens the log's files; the caller closes them. */
  openFiles(): Promise<LogFiles>;
  /** Rises with each rotation. */
  generation(): number;
  /** Called after new lines were written, and by `poke`. The result ends that. */
  subscribe(listener: () => void): () => void;
  /** Tells all subscribers to look again. */
  poke(): void;
  /** Waits for what is under way; afterwards `collect` does nothing. */
  close(): Promise<void>;
}

export function createLogCollector(options: CollectorOptions): LogCollector {
  return new Collector(options);
}

const streams = ["stdout", "stderr"] as const;

class Collector implements LogCollector {
  readonly #options: CollectorOptions;
  readonly #limits: CollectorLimits;
  readonly #listeners = new Set<() => void>();
  #state: CollectorState | undefined;
  #generation = 0;
  #work: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#limits = {
      lineBytesMax: LOG_LINE_BYTES_MAX,
      fileBytesMax: LOG_FILE_BYTES_MAX,
      rawTruncateBytes: RAW_TRUNCATE_BYTES,
      rawBytesMax: RAW_BYTES_MAX,
      linesPerLookMax: LOG_LINES_PER_LOOK_MAX,
      ...options.limits,
    };
  }

  collect({ final = false }: { readonly final?: boolean } = {}): Promise<boolean> {
    return this.#exclusively(async () => {
      let budget = final ? Infinity : this.#limits.linesPerLookMax;
      while (!this.#closed) {
        const lines = await this.#collectOnce(final);
        if (lines === 0) return false;
        this.poke();
        budget -= lines;
        if (budget <= 0) return true;
      }
      return false;
    });
  }

  poke(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  openFiles(): Promise<LogFiles> {
    return this.#exclusively(async () => ({
      generation: this.#generation,
      previous: await openIfThere(this.#previousPath),
      current: await openIfThere(this.#currentPath),
    }));
  }

  generation(): number {
    return this.#generation;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#exclusively(() => Promise.resolve());
  }

  get #currentPath(): string {
    return join(this.#options.directory, "current.jsonl");
  }

  get #previousPath(): string {
    return join(this.#options.directory, "previous.jsonl");
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work);
    this.#work = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  /** One piece of each stream. Returns how many lines it found. */
  async #collectOnce(final: boolean): Promise<number> {
    const state = (this.#state ??= await this.#recover());
    const lines: LogLine[] = [];
    let offsets = state.offsets;
    for (const stream of streams) {
      const read = await this.#readRaw(stream, offsets[stream], final);
      lines.push(...read.lines);
      offsets = { ...offsets, [stream]: read.offset };
    }
    if (lines.length === 0) {
      if (offsets.stdout === state.offsets.stdout && offsets.stderr === state.offsets.stderr) {
        return 0;
      }
      await this.#save({ ...state, offsets });
      return 0;
    }
    const logBytes = await this.#append(state, lines);
    await this.#save({ offsets, logBytes });
    await this.#cutRaw();
    return lines.length;
  }

  async #readRaw(
    stream: "stdout" | "stderr",
    from: number,
    final: boolean,
  ): Promise<{ readonly lines: readonly LogLine[]; readonly offset: number }> {
    const file = await openIfThere(this.#options[stream], "r+");
    if (file === undefined) return { lines: [], offset: 0 };
    try {
      const { size } = await file.stat();
      // Smaller than what was read: cut before the offset was recorded, or by the task itself.
      const offset = size < from ? 0 : from;
      if (size - offset > this.#limits.rawBytesMax) {
        ftruncateSync(file.fd);
        return { lines: [this.#line("stderr", droppedText(size - offset))], offset: 0 };
      }
      const length = Math.max(LOG_CHUNK_BYTES, this.#limits.lineBytesMax + 1);
      const { bytesRead, buffer } = await file.read(
        Buffer.alloc(Math.min(length, size - offset)),
        0,
        undefined,
        offset,
      );
      const split = splitLines(buffer.subarray(0, bytesRead), {
        lineBytesMax: this.#limits.lineBytesMax,
        final: final && offset + bytesRead === size,
      });
      const lines = split.lines.map((text) => this.#line(stream, text));
      return { lines, offset: offset + split.consumedBytes };
    } finally {
      await file.close();
    }
  }

  #line(stream: "stdout" | "stderr", text: Uint8Array): LogLine {
    return { stream, timestampMs: this.#options.clock.now(), text };
  }

  async #append(state: CollectorState, lines: readonly LogLine[]): Promise<number> {
    const data = Buffer.from(lines.map(encodeLogRecord).join(""), "utf8");
    let before = state.logBytes;
    if (before > 0 && before + data.length > this.#limits.fileBytesMax) {
      await rename(this.#currentPath, this.#previousPath);
      this.#generation += 1;
      before = 0;
      // Recorded before anything is written: what is in the new file without a record will be read again.
      await this.#save({ ...state, logBytes: 0 });
    }
    const file = await open(this.#currentPath, "a", 0o600);
    try {
      // What a failed attempt has left: a full disk takes a part.
      if ((await file.stat()).size > before) await file.truncate(before);
      await file.writeFile(data);
    } finally {
      await file.close();
    }
    return before + data.length;
  }

  async #cutRaw(): Promise<void> {
    for (const stream of streams) {
      const state = this.#state;
      if (state === undefined || state.offsets[stream] < this.#limits.rawTruncateBytes) continue;
      const file = await openIfThere(this.#options[stream], "r+");
      if (file === undefined) continue;
      try {
        if (fstatSync(file.fd).size !== state.offsets[stream]) continue;
        ftruncateSync(file.fd);
      } finally {
        await file.close();
      }
      await this.#save({ ...state, offsets: { ...state.offsets, [stream]: 0 } });
    }
  }

  async #save(state: CollectorState): Promise<void> {
    this.#state = state;
    const path = join(this.#options.directory, "state.json");
    await writeFile(`${path}.new`, JSON.stringify(state), { mode: 0o600 });
    await rename(`${path}.new`, path);
  }

  async #recover(): Promise<CollectorState> {
    const text = await readFile(join(this.#options.directory, "state.json"), "utf8").catch(
      () => "",
    );
    const state = parseCollectorState(text) ?? initialCollectorState;
    const size = (await stat(this.#currentPath).catch(() => undefined))?.size ?? 0;
    // Lines written but not recorded will be read again.
    if (size > state.logBytes) await truncate(this.#currentPath, state.logBytes);
    // Smaller: rotated just before the end; what was recorded is in the previous file.
    return { ...state, logBytes: Math.min(size, state.logBytes) };
  }
}

async function openIfThere(path: string, flags = "r"): Promise<FileHandle | undefined> {
  try {
    return await open(path, flags);
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function droppedText(bytes: number): Uint8Array {
  return Buffer.from(
    `[waggle: ${bytes} bytes of output dropped: written faster than read]`,
    "utf8",
  );
}
