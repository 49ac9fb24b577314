import type { IncomingMessage, ServerResponse } from "node:http";
import type { EnginePorts } from "../ports.ts";

/** One request with everything that its route needs. */
export interface Exchange {
  readonly ports: EnginePorts;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Values of the path's parameters, decoded. */
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly query: URLSearchParams;
  /** The API version that the client speaks, e.g. `v1.50` is `{ major: 1, minor: 50 }`. */
  readonly version: ApiVersion;
}

export interface ApiVersion {
  readonly major: number;
  readonly minor: number;
}

/** What a route answers; streams write to the response themselves and answer `handled`. */
export type Reply =
  | { readonly type: "json"; readonly status: number; readonly body: unknown }
  | { readonly type: "empty"; readonly status: number }
  | { readonly type: "text"; readonly status: number; readonly text: string }
  | { readonly type: "redirect"; readonly location: string }
  | { readonly type: "handled" };

export type Route = (exchange: Exchange) => Promise<Reply> | Reply;

export function json(body: unknown, status = 200): Reply {
  return { type: "json", status, body };
}

export function empty(status = 200): Reply {
  return { type: "empty", status };
}
