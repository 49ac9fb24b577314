import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SECRET_BYTES } from "@waggle/swarm-identity";
import { z } from "zod";
import { NodeError } from "../errors.ts";
import { IDENTITY_FILE_BYTES_MAX } from "../limits.ts";

const FILE_NAME = "identity.json";

const key = z
  .base64()
  .transform((text): Uint8Array => new Uint8Array(Buffer.from(text, "base64")))
  .refine((secret) => secret.length === SECRET_BYTES, `a key has ${SECRET_BYTES} bytes`);
const raftId = z.number().int().positive();
const knownManager = z.object({ nodeId: z.string(), raftId, address: z.string() });

const schema = z.object({
  version: z.literal(1),
  nodeId: z.string().regex(/^[0-9a-z]{25}$/),
  /** Authenticates sessions, gossip and logs. */
  nodeKey: key,
  /** Present on managers. */
  manager: z.object({ raftId, swarmSecret: key }).optional(),
  /** Where the node listens and what it tells others: `host:port`. */
  listenAddress: z.string(),
  advertiseAddress: z.string(),
  /** The managers as last known: where to go after a restart. Workers do not know Raft ids, and need none. */
  managers: z.array(knownManager.partial({ raftId: true })).max(1_000),
});

/** Who this node is in which swarm, and the keys that prove it. */
export type Identity = z.output<typeof schema>;
/** A manager as the managers know each other. */
export type KnownManager = z.output<typeof knownManager>;

/** @throws NodeError `damaged` for a file that is not an identity; `undefined` when the node is in no swarm. */
export async function readIdentity(directory: string): Promise<Identity | undefined> {
  const path = join(directory, FILE_NAME);
  let text: string;
  try {
    const { size } = await stat(path);
    text = size > IDENTITY_FILE_BYTES_MAX ? "" : await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new NodeError("damaged", `${path} cannot be read; nothing was changed`, { cause });
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new NodeError(
      "damaged",
      `${path} does not hold a node's identity. Nothing was changed. Restore the file from a backup, or remove the` +
        " data directory and join the swarm anew.",
      { cause },
    );
  }
}

/** Replaces the file as a whole; durable on return; readable by its owner only. */
export async function writeIdentity(directory: string, identity: Identity): Promise<void> {
  const path = join(directory, FILE_NAME);
  const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
  const text = JSON.stringify(
    {
      ...identity,
      nodeKey: encode(identity.nodeKey),
      manager: identity.manager && {
        raftId: identity.manager.raftId,
        swarmSecret: encode(identity.manager.swarmSecret),
      },
    },
    undefined,
    2,
  );
  const temporary = temporaryOf(path);
  const file = await open(temporary, "w", 0o600);
  try {
    // One that was left there has the mode that it was made with.
    await file.chmod(0o600);
    await file.writeFile(`${text}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}

/** Forgets who this node was; also what a crash left of a write, since it holds the keys too. Durable on return. */
export async function removeIdentity(directory: string): Promise<void> {
  const path = join(directory, FILE_NAME);
  await rm(path, { force: true });
  await rm(temporaryOf(path), { force: true });
  await syncDirectory(directory);
}

function temporaryOf(path: string): string {
  return `${path}.new`;
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
