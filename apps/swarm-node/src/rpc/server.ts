import type { Connection } from "@waggle/transport";
import { codeOf, messageOf } from "../errors.ts";
import { RPC_CALLS_IN_FLIGHT_MAX } from "../limits.ts";
import { decodeRpcRequest, encodeRpc, type RpcRequest, type RpcResponse } from "./messages.ts";

export type RpcHandler = (params: unknown) => Promise<unknown>;

/** Answers the calls of one connection until it ends. Calls run side by side; a bad frame ends the connection. */
export async function serveRpc(
  connection: Connection,
  handlers: ReadonlyMap<string, RpcHandler>,
): Promise<void> {
  let inFlight = 0;
  try {
    for await (const frame of connection.frames) {
      const request = decodeRpcRequest(frame);
      if (inFlight >= RPC_CALLS_IN_FLIGHT_MAX) {
        await connection.send(
          encodeRpc(failure(request.id, "unavailable", "too many calls at once; try again")),
        );
        continue;
      }
      inFlight += 1;
      void answer(request, handlers)
        .then((response) => connection.send(encodeAnswer(response)))
        .catch(() => connection.destroy())
        .finally(() => {
          inFlight -= 1;
        });
    }
  } catch {
    connection.destroy();
  }
}

async function answer(
  request: RpcRequest,
  handlers: ReadonlyMap<string, RpcHandler>,
): Promise<RpcResponse> {
  const handler = handlers.get(request.method);
  if (handler === undefined) {
    return failure(request.id, "unimplemented", `no such method: ${request.method}`);
  }
  try {
    return { id: request.id, result: (await handler(request.params)) ?? null };
  } catch (error) {
    const name = error instanceof Error ? error.name : "Error";
    return { id: request.id, error: { name, code: codeOf(error), message: messageOf(error) } };
  }
}

function encodeAnswer(response: RpcResponse): Uint8Array {
  try {
    return encodeRpc(response);
  } catch (error) {
    return encodeRpc(failure(response.id, codeOf(error), messageOf(error)));
  }
}

function failure(id: number, code: string, message: string): RpcResponse {
  return { id, error: { name: "NodeError", code, message } };
}
