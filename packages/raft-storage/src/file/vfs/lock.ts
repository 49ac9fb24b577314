import { readFile, stat, unlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { RaftStoreError } from "../../errors.ts";
import { systemCode } from "./vfs.ts";

const LOCK_FILE = "LOCK";
const LOCK_FILE_BYTES_MAX = 256;
const ATTEMPTS_MAX = 3;

/**
 * Takes a directory for this process. On Linux the kernel holds the lock: a socket in the abstract namespace, named by
 * the directory's device and inode, which is gone the moment the process is. The lock file says who holds it, and is the
 * lock itself where there are no such sockets; one whose process is gone (pid and start time) is taken over.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const socket = process.platform === "linux" ? await holdSocket(directory) : undefined;
  const file = join(directory, LOCK_FILE);
  try {
    await takeFile(file, directory);
  } catch (error) {
    await closeSocket(socket);
    throw error;
  }
  return async () => {
    await unlink(file).catch(() => undefined);
    await closeSocket(socket);
  };
}

async function holdSocket(directory: string): Promise<Server> {
  const { dev, ino } = await stat(directory, { bigint: true });
  const server = createServer((connection) => connection.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      reject(
        systemCode(cause) === "EADDRINUSE"
          ? locked(directory, "a living process", cause)
          : new RaftStoreError("failed", "could not take the lock", { file: directory, cause }),
      );
    });
    server.listen(`\0waggle-raft-storage-${dev}-${ino}`, resolve);
  });
  server.unref();
  return server;
}

function closeSocket(server: Server | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (server === undefined) resolve();
    else server.close(() => resolve());
  });
}

async function takeFile(file: string, directory: string): Promise<void> {
  const own = `${process.pid} ${await startOf(process.pid)}\n`;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    try {
      await writeFile(file, own, { flag: "wx", mode: 0o600 });
      return;
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    }
    const holder = await readHolder(file);
    if (holder !== undefined && (await isAlive(holder))) {
      throw locked(directory, `process ${holder.pid}`);
    }
    await unlink(file).catch(() => undefined);
  }
  throw locked(directory, "another process that started at the same time");
}

interface Holder {
  readonly pid: number;
  readonly start: string;
}

async function readHolder(file: string): Promise<Holder | undefined> {
  const text = await readFile(file, "utf8").catch(() => "");
  if (text.length > LOCK_FILE_BYTES_MAX) return undefined;
  const [pid, start] = text.trim().split(" ");
  const number = Number(pid);
  if (!Number.isSafeInteger(number) || number <= 0 || start === undefined) return undefined;
  return { pid: number, start };
}

async function isAlive(holder: Holder): Promise<boolean> {
  // On Linux the socket already keeps every other open of this process out, so its own pid is a left-over.
  if (holder.pid === process.pid && process.platform === "linux") return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
  return (await startOf(holder.pid)) === holder.start;
}

// Field 22 of /proc/<pid>/stat: ticks since boot at which the process started; tells a reused pid apart.
async function startOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "unknown";
}

function locked(directory: string, holder: string, cause?: unknown): RaftStoreError {
  return new RaftStoreError("locked", `${directory} is held by ${holder}`, {
    file: directory,
    cause,
  });
}
