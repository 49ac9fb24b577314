import { SwimError } from "../errors.ts";
import type { ClockPort, StreamConnection } from "./ports.ts";

/** The next frame of a stream. Does not close it, as leaving a `for await` would. */
async function nextFrame(connection: StreamConnection): Promise<Uint8Array | undefined> {
  const next = await connection.frames[Symbol.asyncIterator]().next();
  return next.done === true ? undefined : next.value;
}

interface ExchangeOptions {
  readonly clock: ClockPort;
  readonly timeoutMs: number;
  /** Ends the exchange early. */
  readonly signal: AbortSignal;
}

/**
 * Opens a stream, sends a frame and returns the answer; undefined when none came, for whatever reason. Whatever happens,
 * the stream is gone afterwards.
 */
export async function requestOnce(
  dial: (signal: AbortSignal) => Promise<StreamConnection>,
  request: Uint8Array,
  options: ExchangeOptions,
): Promise<Uint8Array | undefined> {
  let reply: Uint8Array | undefined;
  await withDeadline(options, async (signal) => {
    const connection = await dial(signal);
    cutOnAbort(connection, signal);
    try {
      await connection.send(request);
      reply = await nextFrame(connection);
      await connection.close();
    } catch {
      connection.destroy();
    }
  });
  return reply;
}

/** Serves one frame on a stream that a peer opened; the stream is gone afterwards. */
export async function serveOnce(
  connection: StreamConnection,
  answer: (request: Uint8Array) => Uint8Array | undefined,
  options: ExchangeOptions,
): Promise<void> {
  await withDeadline(options, async (signal) => {
    cutOnAbort(connection, signal);
    try {
      const request = await nextFrame(connection);
      const reply = request && answer(request);
      if (reply === undefined) {
        connection.destroy();
        return;
      }
      await connection.send(reply);
      await connection.close();
    } catch {
      connection.destroy();
    }
  });
}

function cutOnAbort(connection: StreamConnection, signal: AbortSignal): void {
  if (signal.aborted) {
    connection.destroy();
    throw new SwimError("aborted", "the exchange took too long");
  }
  signal.addEventListener("abort", () => connection.destroy(), { once: true });
}

/** Runs work until it ends or fails, or is cut off by time or signal. */
async function withDeadline(
  options: ExchangeOptions,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const abort = new AbortController();
  const cut = (): void => abort.abort(new SwimError("aborted", "the exchange took too long"));
  const cancelTimer = options.clock.setTimer(options.timeoutMs, cut);
  if (options.signal.aborted) cut();
  options.signal.addEventListener("abort", cut, { once: true });
  const cutOff = new Promise<void>((resolve) => {
    if (abort.signal.aborted) resolve();
    abort.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  try {
    await Promise.race([cutOff, work(abort.signal).catch(() => undefined)]);
  } finally {
    cancelTimer();
    options.signal.removeEventListener("abort", cut);
  }
}
