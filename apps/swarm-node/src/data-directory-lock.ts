import { stat } from "node:fs/promises";
import { createServer } from "node:net";
import { codeOf, messageOf, NodeError } from "./errors.ts";

/**
 * Takes the data directory for this process until what it returns is called; the lock dies with the process. On Linux
 * the kernel holds it: a socket in the abstract namespace, named by the directory's device and inode. Other systems have
 * none; there the API's socket and the managers' log keep a second node out.
 * @throws NodeError `unavailable` when another process holds it.
 */
export async function lockDataDirectory(directory: string): Promise<() => Promise<void>> {
  if (process.platform !== "linux") return () => Promise.resolve();
  const { dev, ino } = await stat(directory, { bigint: true });
  const server = createServer((connection) => connection.destroy()).unref();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      const held = codeOf(cause) === "EADDRINUSE";
      const why = held ? "is in use by another node" : `cannot be locked: ${messageOf(cause)}`;
      const advice = held ? ". Stop that node first, or choose another --data-dir." : "";
      reject(
        new NodeError("unavailable", `the data directory ${directory} ${why}${advice}`, { cause }),
      );
    });
    server.listen(`\0waggle-node-${dev}-${ino}`, resolve);
  });
  return () => new Promise((resolve) => server.close(() => resolve()));
}
