import type { IncomingMessage } from "node:http";
import { EngineApiError } from "../errors.ts";
import { REQUEST_BODY_BYTES_MAX } from "../limits.ts";

/** Reads a JSON body; an empty one is the empty object, as in Docker. @throws EngineApiError 400, 413 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = await readText(request);
  if (text === "") return {};
  const [type = ""] = (request.headers["content-type"] ?? "").split(";");
  if (type.trim() !== "application/json") {
    throw new EngineApiError(
      400,
      `unsupported Content-Type header (${type.trim()}): must be 'application/json'`,
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = reason.includes("after JSON")
      ? "unexpected content after JSON"
      : `invalid JSON: ${reason}`;
    throw new EngineApiError(400, message, { cause });
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  // A request that is destroyed takes its connection along, and with it the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    length += bytes.length;
    if (length > REQUEST_BODY_BYTES_MAX) {
      throw new EngineApiError(
        413,
        `the request body is over the limit of ${REQUEST_BODY_BYTES_MAX} bytes`,
      );
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}
