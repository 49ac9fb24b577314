import { isTransportError, TransportError } from "../errors.ts";
import { FrameQueue } from "../internal/frame-queue.ts";
import type { Address, Connection } from "../transport.ts";
import type { InnerConnection, Session } from "./handshake.ts";
import type { SealedSettings } from "./options.ts";
import { Outbox } from "./outbox.ts";
import { packFrames, RecordKind, unpackFrames } from "./records.ts";

/** A connection whose two sides have proved a key to each other; every record is encrypted and numbered. */
export class SealedConnection implements Connection {
  readonly protocol: string;
  readonly keyId: string;
  readonly remote: Address;
  readonly frames: FrameQueue;
  readonly closed: Promise<TransportError | undefined>;
  readonly #inner: InnerConnection;
  readonly #session: Session;
  readonly #settings: SealedSettings;
  readonly #outbox: Outbox;
  #state: "open" | "closing" | "gone" = "open";
  /** Whether the end was agreed on: close here, or an authenticated goodbye. */
  #clean = false;
  #reason: TransportError | undefined;
  #space: PromiseWithResolvers<void> | undefined;
  #innerGone = false;

  constructor(inner: InnerConnection, session: Session, settings: SealedSettings) {
    this.#inner = inner;
    this.#session = session;
    this.#settings = settings;
    this.protocol = session.protocol;
    this.keyId = session.keyId;
    this.remote = inner.connection.remote;
    this.frames = new FrameQueue(settings.limits);
    this.frames.onSpace = () => this.#space?.resolve();
    this.#outbox = new Outbox(settings.limits, (frames) => this.#write(frames));
    this.closed = this.#run();
  }

  async send(frame: Uint8Array): Promise<void> {
    const limit = this.#settings.limits.frameBytesMax;
    if (frame.length > limit) {
      throw new TransportError("frame-too-large", `a frame has at most ${limit} bytes`, {
        limit,
        actual: frame.length,
      });
    }
    if (this.#state !== "open") {
      throw (
        this.#reason ??
        new TransportError("closed", "the connection is closed", { address: this.remote })
      );
    }
    await this.#outbox.send(frame);
  }

  async close(): Promise<void> {
    if (this.#state === "open") {
      this.#state = "closing";
      this.#clean = true;
      this.frames.discard();
      this.#space?.resolve();
      await this.#sayGoodbye();
    }
    await this.closed;
  }

  destroy(reason?: TransportError): void {
    if (this.#state === "gone") return;
    this.#cut(reason ?? new TransportError("aborted", "the connection was destroyed here"));
    this.frames.discard(this.#reason);
  }

  /** Reads until the inner connection is gone, then settles. */
  async #run(): Promise<TransportError | undefined> {
    const { connection } = this.#inner;
    const gone = connection.closed.then((error) => {
      // What the inner connection still holds is bounded by its own limits: read it out without waiting.
      this.#innerGone = true;
      this.#space?.resolve();
      return error;
    });
    const [innerError] = await Promise.all([gone, this.#readAll()]);
    this.#state = "gone";
    this.#reason ??= innerError ?? (this.#clean ? undefined : this.#truncated());
    this.frames.finish(this.#reason);
    this.#outbox.fail(
      this.#reason ??
        new TransportError("closed", "the connection is closed", { address: this.remote }),
    );
    return this.#reason;
  }

  async #readAll(): Promise<void> {
    try {
      for (;;) {
        const result = await this.#inner.frames.next();
        if (result.done === true) return;
        if (this.#state === "open") this.#receive(result.value);
        await this.#waitForSpace();
      }
    } catch (error) {
      // The inner connection broke; its `closed` tells why. Anything else is a fault that must not pass for a close.
      if (!isTransportError(error))
        this.#cut(new TransportError("broken", "reading failed", { cause: error }));
    }
  }

  async #write(frames: readonly Uint8Array[]): Promise<void> {
    const record = this.#session.sealer.seal(RecordKind.frames, packFrames(frames));
    try {
      await this.#inner.connection.send(record);
    } catch (error) {
      // The record has its number: without it, the other side can open none that comes after.
      const isRefused =
        isTransportError(error) &&
        (error.code === "frame-too-large" || error.code === "queue-full");
      if (isRefused) this.#cut(error);
      throw error;
    }
  }

  #receive(record: Uint8Array): void {
    const opened = this.#session.opener.open(record);
    const frames = opened?.kind === RecordKind.frames ? unpackFrames(opened.plaintext) : undefined;
    if (opened?.kind === RecordKind.goodbye) {
      this.#state = "closing";
      this.#clean = true;
      this.frames.finish();
      void this.#inner.connection.close();
    } else if (frames === undefined) {
      this.#cut(
        new TransportError("unauthenticated", "a record did not open under the session's key", {
          address: this.remote,
        }),
      );
      this.frames.finish(this.#reason);
    } else {
      for (const frame of frames) this.frames.push(frame);
    }
  }

  async #waitForSpace(): Promise<void> {
    if (!this.frames.full || this.#innerGone || this.#state !== "open") return;
    this.#space = Promise.withResolvers();
    await this.#space.promise;
    this.#space = undefined;
  }

  async #sayGoodbye(): Promise<void> {
    const { connection } = this.#inner;
    const timer = setTimeout(() => {
      this.#cut(new TransportError("timeout", "queued frames did not leave in time"));
    }, this.#settings.closeTimeoutMs);
    try {
      await this.#outbox.flushed();
      await connection.send(this.#session.sealer.seal(RecordKind.goodbye, new Uint8Array(0)));
    } catch {
      // The inner connection went first; `closed` tells.
    } finally {
      clearTimeout(timer);
    }
    await connection.close();
  }

  #cut(reason: TransportError): void {
    this.#reason ??= reason;
    this.#state = "closing";
    this.#outbox.fail(this.#reason);
    this.#inner.connection.destroy(this.#reason);
    this.#space?.resolve();
  }

  #truncated(): TransportError {
    return new TransportError("broken", "the other side went without a sealed goodbye", {
      address: this.remote,
    });
  }
}
