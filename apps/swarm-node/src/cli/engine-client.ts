import { Client } from "undici";
import { z } from "zod";
import { messageOf } from "../errors.ts";

/**
 * The node answered with an error (`refused`), or not at all (`unreachable`): two different exit codes, so that scripts
 * can tell a refusal from a node that is not running.
 */
export class EngineClientError extends Error {
  override readonly name = "EngineClientError";
  readonly code: "refused" | "unreachable";
  readonly status: number;

  constructor(
    code: "refused" | "unreachable",
    message: string,
    options: { status?: number; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.status = options.status ?? 0;
  }
}

/** The Engine API of a node, over its unix socket. All methods throw {@link EngineClientError}. */
export interface EngineClient {
  get<T>(path: string, schema: z.ZodType<T>): Promise<T>;
  post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T>;
  delete(path: string): Promise<void>;
  /** The body as it arrives, until the server or `signal` ends it. */
  stream(path: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

const errorBody = z.object({ message: z.string() });

export function createEngineClient(socketPath: string): EngineClient {
  return new HttpEngineClient(socketPath);
}

class HttpEngineClient implements EngineClient {
  readonly #client: Client;
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
    this.#client = new Client("http://localhost", {
      socketPath,
      bodyTimeout: 0,
      headersTimeout: 60_000,
    });
  }

  async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return understood(schema, await this.#json("GET", path, undefined));
  }

  async post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    return understood(schema, await this.#json("POST", path, body));
  }

  async delete(path: string): Promise<void> {
    await this.#json("DELETE", path, undefined);
  }

  async *stream(path: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
    try {
      const answer = await this.#request("GET", path, { signal });
      for await (const chunk of answer.body) yield chunk as Uint8Array;
    } catch (error) {
      if (!signal.aborted) throw this.#lost(error);
    }
  }

  close(): Promise<void> {
    return this.#client.destroy();
  }

  /** The connection went away within an answer. */
  #lost(cause: unknown): EngineClientError {
    if (cause instanceof EngineClientError) return cause;
    return new EngineClientError(
      "unreachable",
      `the node at ${this.#socketPath} went away before its answer was complete (${messageOf(cause)})`,
      { cause },
    );
  }

  async #json(method: "GET" | "POST" | "DELETE", path: string, body: unknown): Promise<unknown> {
    const answer = await this.#request(method, path, { body });
    const text = await answer.body.text().catch((cause: unknown) => {
      throw this.#lost(cause);
    });
    try {
      return text === "" ? undefined : (JSON.parse(text) as unknown);
    } catch (cause) {
      throw notUnderstood(cause);
    }
  }

  async #request(
    method: "GET" | "POST" | "DELETE",
    path: string,
    options: { body?: unknown; signal?: AbortSignal },
  ): ReturnType<Client["request"]> {
    const answer = await this.#client
      .request({
        method,
        path,
        headers: options.body === undefined ? {} : { "content-type": "application/json" },
        body: options.body === undefined ? null : JSON.stringify(options.body),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      })
      .catch((cause: unknown) => {
        throw new EngineClientError(
          "unreachable",
          `no node answers at ${this.#socketPath} (${messageOf(cause)}). Is \`swarm-node run\` running, and is this its` +
            " --socket?",
          { cause },
        );
      });
    if (answer.statusCode < 400) return answer;
    const text = await answer.body.text();
    throw new EngineClientError("refused", errorMessage(text), { status: answer.statusCode });
  }
}

function understood<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw notUnderstood(parsed.error);
  return parsed.data;
}

function notUnderstood(cause: unknown): EngineClientError {
  return new EngineClientError(
    "refused",
    `the node's answer was not understood: ${messageOf(cause)}. Is it of the same version as this command?`,
    { cause },
  );
}

function errorMessage(body: string): string {
  try {
    return errorBody.parse(JSON.parse(body)).message;
  } catch {
    return body.trim() || "the node gave no reason";
  }
}
