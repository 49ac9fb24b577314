import type { AppliedEntry, StateMachine } from "../src/index.ts";

/** A state machine that remembers every text that was applied. */
export class Register implements StateMachine {
  lines: string[] = [];
  readonly restoredAt: number[] = [];
  /** Awaited before each batch. */
  gate: Promise<void> | undefined;

  async apply(entries: readonly AppliedEntry[]): Promise<readonly string[]> {
    await this.gate;
    return entries.map(({ index, data }) => {
      const text = new TextDecoder().decode(data);
      this.lines.push(text);
      return `${text}@${index}`;
    });
  }

  snapshot(): AsyncIterable<Uint8Array> {
    return chunksOf(new TextEncoder().encode(JSON.stringify(this.lines)));
  }

  async restore(index: number, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    this.restoredAt.push(index);
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    this.lines = JSON.parse(Buffer.concat(parts).toString()) as string[];
  }
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 1_000) {
    await Promise.resolve();
    yield bytes.slice(at, at + 1_000);
  }
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
