import { z } from "zod";
import { NodeError } from "../errors.ts";
import { RPC_MESSAGE_BYTES_MAX } from "../limits.ts";

/** A call between managers: a method by name with plain data. */
export interface RpcRequest {
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

/** An error as it travels: enough to be thrown again on the caller's side. */
export interface RpcFailure {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

export type RpcResponse =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: RpcFailure };

const id = z.number().int().nonnegative();
const requestSchema = z.object({ id, method: z.string().max(64), params: z.unknown() });
const responseSchema = z.union([
  z.object({
    id,
    error: z.object({ name: z.string(), code: z.string(), message: z.string() }),
  }),
  z.object({ id, result: z.unknown() }),
]);

export function encodeRpc(message: RpcRequest | RpcResponse): Uint8Array {
  const bytes = Buffer.from(JSON.stringify(message));
  if (bytes.length > RPC_MESSAGE_BYTES_MAX) {
    throw new NodeError(
      "invalid-argument",
      `a message of ${bytes.length} bytes is over the limit of ${RPC_MESSAGE_BYTES_MAX}`,
    );
  }
  return bytes;
}

export function decodeRpcRequest(frame: Uint8Array): RpcRequest {
  return decode(frame, requestSchema);
}

export function decodeRpcResponse(frame: Uint8Array): RpcResponse {
  return decode(frame, responseSchema);
}

function decode<T>(frame: Uint8Array, schema: z.ZodType<T>): T {
  if (frame.length > RPC_MESSAGE_BYTES_MAX) throw new NodeError("protocol", "oversized message");
  try {
    return schema.parse(JSON.parse(Buffer.from(frame).toString("utf8")));
  } catch (cause) {
    throw new NodeError("protocol", "a peer sent a message that is none", { cause });
  }
}
