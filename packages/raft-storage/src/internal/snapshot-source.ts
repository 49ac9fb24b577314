import { RaftStoreError } from "../errors.ts";

/**
 * A snapshot's chunks, with what their source throws told apart from what the disk does. When the signal aborts they end at
 * once, even if the source never goes on.
 * @throws RaftStoreError `snapshot-source`, `closed`.
 */
export async function* readSource(
  chunks: AsyncIterable<Uint8Array>,
  closing: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]();
  let atEnd = false;
  try {
    for (;;) {
      const { done, value } = await nextOf(source, closing);
      atEnd = done === true;
      if (done === true) return;
      yield value;
    }
  } finally {
    // A source that hangs would not answer.
    if (!atEnd) void Promise.resolve(source.return?.()).catch(() => undefined);
  }
}

async function nextOf(
  source: AsyncIterator<Uint8Array, unknown>,
  closing: AbortSignal,
): Promise<IteratorResult<Uint8Array, unknown>> {
  const { promise: closed, resolve } = Promise.withResolvers<undefined>();
  const end = (): void => {
    resolve(undefined);
  };
  if (closing.aborted) end();
  closing.addEventListener("abort", end, { once: true });
  try {
    const next = await Promise.race([closed, source.next()]);
    if (next !== undefined) return next;
  } catch (cause) {
    throw new RaftStoreError("snapshot-source", "the snapshot's source failed", { cause });
  } finally {
    closing.removeEventListener("abort", end);
  }
  throw new RaftStoreError("closed", "the store was closed before the snapshot was complete");
}
