import { createConnection } from "node:net";
import { codeOf, NodeError } from "../errors.ts";

/** What the system allows for the path of a unix socket. */
const SOCKET_PATH_BYTES_MAX = 107;

/**
 * A socket on which a node answers belongs to that node; one that nobody serves is left over from a crash.
 * @throws NodeError `invalid-argument` for a path that is too long, `unavailable` when another node serves on it.
 */
export async function assertSocketFree(path: string): Promise<void> {
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX) {
    throw new NodeError(
      "invalid-argument",
      `the socket's path is longer than ${SOCKET_PATH_BYTES_MAX} bytes, which the system does not allow: ${path}.` +
        " Choose a shorter --socket.",
    );
  }
  if (await isServed(path)) {
    throw new NodeError(
      "unavailable",
      `another node serves on ${path}. Stop it first, or choose another --socket and --data-dir.`,
    );
  }
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    // A queue that is full belongs to somebody who listens.
    socket.once("error", (error) => resolve(codeOf(error) === "EAGAIN"));
  });
}
