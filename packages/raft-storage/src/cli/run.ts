import type { KeyProvider } from "../file/keys/provider.ts";
import type { Vfs } from "../file/vfs/vfs.ts";
import { parseArgs } from "node:util";
import { isRaftStoreError, type RaftStoreErrorCode } from "../errors.ts";
import { systemCode } from "../file/vfs/vfs.ts";
import { dump } from "./dump.ts";
import { readKeyFile } from "./key-file.ts";
import { HELP } from "./help.ts";
import { truncate } from "./truncate.ts";
import { UsageError } from "./usage-error.ts";
import { verify } from "./verify.ts";

/** What the command works with. */
export interface RaftLogPorts {
  readonly vfs: Vfs;
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

/** The arguments of a command, checked. */
export interface RaftLogArguments {
  readonly directory: string;
  readonly from: number;
  readonly to: number;
  readonly json: boolean;
  readonly after: string | undefined;
  /** Opens an encrypted log; undefined when no key was given. */
  readonly provider: KeyProvider | undefined;
  readonly yes: boolean;
}

const COMMANDS = { dump, verify, truncate } as const;
const DAMAGED = 1;
const USAGE = 2;
const LOCKED = 3;
const FAILED = 4;

/** Runs `raft-log` with the arguments behind its name and resolves with the exit status. */
export async function runRaftLog(
  argumentTexts: readonly string[],
  ports: RaftLogPorts,
): Promise<number> {
  try {
    const parsed = parse(argumentTexts);
    if (parsed === undefined) {
      ports.out(HELP);
      return 0;
    }
    const { command, keyFile, ...rest } = parsed;
    await ports.vfs.list(rest.directory);
    const provider = keyFile === undefined ? undefined : await readKeyFile(ports.vfs, keyFile);
    return await COMMANDS[command]({ ...rest, provider }, ports);
  } catch (error) {
    ports.err(`raft-log: ${error instanceof Error ? error.message : String(error)}`);
    if (error instanceof UsageError) {
      ports.err("Try 'raft-log --help'.");
      return USAGE;
    }
    if (systemCode(error) === "ENOENT") {
      ports.err("If the directory is right: a store in use deletes files by and by. Run it again.");
    }
    if (!isRaftStoreError(error)) return FAILED;
    const advice = adviceOn(error.code);
    if (advice !== undefined) ports.err(advice);
    if (error.code === "locked") return LOCKED;
    return error.code === "corrupt" ? DAMAGED : FAILED;
  }
}

function adviceOn(code: RaftStoreErrorCode): string | undefined {
  switch (code) {
    case "locked":
      return "Stop that process first: the log must not change under it.";
    case "wrong-key":
      return "Nothing was changed. --key-file FILE gives the keys that the store is opened with; see 'raft-log --help'.";
    case "corrupt":
      return [
        "Nothing was changed. If the group has its quorum without this member: remove the member, delete its directory,",
        "and let it join anew. 'raft-log --help' says how the damaged part can be cut off, and what that may cost.",
      ].join("\n");
    default:
      return undefined;
  }
}

interface Parsed extends Omit<RaftLogArguments, "provider"> {
  readonly command: keyof typeof COMMANDS;
  readonly keyFile: string | undefined;
}

function parse(texts: readonly string[]): Parsed | undefined {
  const { values, positionals } = parsed(texts);
  const [command, directory, ...rest] = positionals;
  if (values.help || command === undefined) return undefined;
  if (!isCommand(command)) throw new UsageError(`there is no command '${command}'`);
  if (directory === undefined) throw new UsageError(`${command} needs a directory`);
  if (rest.length > 0) throw new UsageError(`'${rest.join(" ")}' is one argument too many`);
  return {
    command,
    keyFile: values["key-file"],
    directory,
    from: indexOf(values.from, "--from", 0),
    to: indexOf(values.to, "--to", Number.MAX_SAFE_INTEGER),
    json: values.json,
    after: values.after,
    yes: values.yes,
  };
}

function parsed(texts: readonly string[]) {
  try {
    return parseArgs({
      args: [...texts],
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h", default: false },
        from: { type: "string" },
        to: { type: "string" },
        json: { type: "boolean", default: false },
        after: { type: "string" },
        "key-file": { type: "string" },
        yes: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function isCommand(text: string): text is keyof typeof COMMANDS {
  return Object.hasOwn(COMMANDS, text);
}

function indexOf(text: string | undefined, flag: string, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${flag} takes an index`);
  return Number(text);
}
