import { type Connection, isTransportError } from "@waggle/transport";
import { NodeError } from "../errors.ts";
import { RPC_CALL_TIMEOUT_MS, RPC_CALLS_IN_FLIGHT_MAX } from "../limits.ts";
import { decodeRpcResponse, encodeRpc, type RpcFailure, type RpcResponse } from "./messages.ts";

/** The other side answered with an error. State is as the code says. */
export class RemoteError extends Error {
  override readonly name = "RemoteError";
  readonly code: string;
  readonly remoteName: string;

  constructor(failure: RpcFailure) {
    super(failure.message);
    this.code = failure.code;
    this.remoteName = failure.name;
  }
}

/**
 * The connection ended between call and answer. `sent` false: the other side never saw it. `sent` true: it may have
 * been carried out.
 */
export class RpcLostError extends Error {
  override readonly name = "RpcLostError";
  readonly code = "unavailable";
  readonly sent: boolean;

  constructor(sent: boolean, options?: { cause?: unknown }) {
    super(sent ? "the connection ended before the answer came" : "no connection", options);
    this.sent = sent;
  }
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export interface RpcCallOptions {
  /** Default: `RPC_CALL_TIMEOUT_MS`. */
  readonly timeoutMs?: number;
  /** Gives the call up, as its time-out would. */
  readonly signal?: AbortSignal;
}

/** Calls over one connection, dialled at the first call and again after a loss. */
export interface RpcClient {
  /** @throws RemoteError, RpcLostError, NodeError `timeout` (may have been carried out), `unavailable`. */
  call(method: string, params: unknown, options?: RpcCallOptions): Promise<unknown>;
  close(): void;
}

export function createRpcClient(dial: () => Promise<Connection>): RpcClient {
  return new Client(dial);
}

class Client implements RpcClient {
  readonly #dial: () => Promise<Connection>;
  readonly #waiting = new Map<number, Waiting>();
  #connection: Promise<Connection> | undefined;
  #nextId = 1;
  /** Calls under way, those included that wait for the dial. */
  #calls = 0;
  #closed = false;

  constructor(dial: () => Promise<Connection>) {
    this.#dial = dial;
  }

  async call(method: string, params: unknown, options: RpcCallOptions = {}): Promise<unknown> {
    // Counted from here on, not from the sending on: any number of calls might wait for one dial.
    if (this.#calls >= RPC_CALLS_IN_FLIGHT_MAX) {
      throw new NodeError("unavailable", "too many calls wait for the leader; try again");
    }
    const id = this.#nextId++;
    const frame = encodeRpc({ id, method, params });
    this.#calls += 1;
    try {
      const connection = await this.#connect();
      return await this.#exchange(connection, { id, method, frame, options });
    } finally {
      this.#calls -= 1;
    }
  }

  close(): void {
    this.#closed = true;
    void this.#connection?.then((connection) => connection.close()).catch(() => undefined);
  }

  async #exchange(
    connection: Connection,
    call: { id: number; method: string; frame: Uint8Array; options: RpcCallOptions },
  ): Promise<unknown> {
    const { id, method, frame, options } = call;
    const { timeoutMs = RPC_CALL_TIMEOUT_MS, signal } = options;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    const giveUp = (): void => {
      this.#settle(id)?.reject(new NodeError("timeout", `${method} was not answered in time`));
    };
    const timer = setTimeout(giveUp, timeoutMs);
    signal?.addEventListener("abort", giveUp, { once: true });
    if (signal?.aborted === true) giveUp();
    connection.send(frame).catch((cause: unknown) => {
      this.#settle(id)?.reject(new RpcLostError(!isUnsent(cause), { cause }));
    });
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", giveUp);
    }
  }

  #connect(): Promise<Connection> {
    if (this.#closed) return Promise.reject(new RpcLostError(false));
    if (this.#connection !== undefined) return this.#connection;
    const dialled = this.#dial().then(
      (connection) => {
        void this.#receive(connection, dialled);
        return connection;
      },
      (cause: unknown) => {
        if (this.#connection === dialled) this.#connection = undefined;
        throw new RpcLostError(false, { cause });
      },
    );
    this.#connection = dialled;
    return dialled;
  }

  async #receive(connection: Connection, dialled: Promise<Connection>): Promise<void> {
    let cause: unknown;
    try {
      for await (const frame of connection.frames) this.#answer(decodeRpcResponse(frame));
    } catch (error) {
      cause = error;
      connection.destroy();
    }
    if (this.#connection === dialled) this.#connection = undefined;
    for (const id of [...this.#waiting.keys()]) {
      this.#settle(id)?.reject(new RpcLostError(true, { cause }));
    }
  }

  #answer(response: RpcResponse): void {
    const waiting = this.#settle(response.id);
    if (waiting === undefined) return;
    if ("error" in response) waiting.reject(new RemoteError(response.error));
    else waiting.resolve(response.result);
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}

/** Refused before anything of it was sent. After any other failure the other side may have it. */
function isUnsent(error: unknown): boolean {
  return isTransportError(error) && error.code === "queue-full";
}
