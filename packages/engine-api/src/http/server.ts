import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { EngineApiError, toApiError } from "../errors.ts";
import {
  CONNECTIONS_MAX,
  HEADERS_TIMEOUT_MS,
  REQUEST_TIMEOUT_MS,
  URL_LENGTH_MAX,
} from "../limits.ts";
import type { EnginePorts } from "../ports.ts";
import type { Router } from "../routes/router.ts";
import { API_VERSION, refuseOldVersion, splitVersion } from "./api-version.ts";
import type { Exchange, Reply } from "./exchange.ts";

/** Serves the routes with the headers, versions and error bodies that Docker's clients expect. */
export function createRequestListener(ports: EnginePorts, router: Router): RequestListener {
  return (request, response) => {
    void serve({ ports, router, request, response });
  };
}

/** A server with bounds on slow and many clients. */
export function createBoundedServer(listener: RequestListener): Server {
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      maxHeaderSize: URL_LENGTH_MAX * 2,
    },
    listener,
  );
  server.maxConnections = CONNECTIONS_MAX;
  return server;
}

interface Serving {
  readonly ports: EnginePorts;
  readonly router: Router;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function serve(serving: Serving): Promise<void> {
  const { response, ports } = serving;
  try {
    setCommonHeaders(response, ports);
    send(serving, await answer(serving));
  } catch (error) {
    sendError(serving, toApiError(error));
  }
}

async function answer({ ports, router, request, response }: Serving): Promise<Reply> {
  const target = request.url ?? "/";
  if (target.length > URL_LENGTH_MAX) throw new EngineApiError(414, "the URL is too long");
  const [path, search] = splitOnce(target, "?");
  const cleaned = path.replaceAll(/\/{2,}/g, "/");
  if (cleaned !== path) {
    return { type: "redirect", location: search === "" ? cleaned : `${cleaned}?${search}` };
  }
  const { version, route } = splitVersion(path);
  const tooOld = refuseOldVersion(version);
  if (tooOld !== undefined) return { type: "text", status: 400, text: `${tooOld}\n` };
  if (request.method === "OPTIONS") return { type: "empty", status: 200 };
  const found = router.find(request.method ?? "GET", route);
  if (found === undefined) throw new EngineApiError(404, "page not found");
  const exchange: Exchange = {
    ports,
    request,
    response,
    params: found.params,
    query: new URLSearchParams(search),
    version,
  };
  return found.route(exchange);
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function setCommonHeaders(response: ServerResponse, ports: EnginePorts): void {
  const { version, osType } = ports.system.info();
  response.setHeader("Api-Version", API_VERSION);
  response.setHeader("Docker-Experimental", "false");
  response.setHeader("Ostype", osType);
  response.setHeader("Server", `Waggle/${version} (${osType})`);
}

function send({ request, response }: Serving, reply: Reply): void {
  switch (reply.type) {
    case "handled":
      return;
    case "empty":
      response.writeHead(reply.status, { "Content-Length": "0" }).end();
      return;
    case "redirect":
      response.writeHead(301, { Location: reply.location, "Content-Length": "0" }).end();
      return;
    case "text":
      response.statusCode = reply.status;
      response.setHeader("Content-Type", "text/plain; charset=utf-8");
      sendBody(request, response, reply.text);
      return;
    case "json":
      response.statusCode = reply.status;
      response.setHeader("Content-Type", "application/json");
      sendBody(request, response, `${JSON.stringify(reply.body)}\n`);
  }
}

function sendBody(request: IncomingMessage, response: ServerResponse, body: string): void {
  response.setHeader("Content-Length", Buffer.byteLength(body));
  response.end(request.method === "HEAD" ? undefined : body);
}

function sendError({ request, response }: Serving, error: EngineApiError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // The rest of the body is thrown away as it comes, for at most the request's timeout: a client whose connection is closed
  // while it still writes sees a broken pipe instead of the answer.
  request.resume();
  response.statusCode = error.status;
  // Exactly this type: with a charset the docker command line prints the raw JSON.
  response.setHeader("Content-Type", "application/json");
  sendBody(request, response, `${JSON.stringify({ message: error.message })}\n`);
}
