import { execFileSync } from "node:child_process";
import { userInfo } from "node:os";

/**
 * A network of its own for each node: namespaces on one bridge, so that a node can be cut off and healed as by pulling
 * its cable. Needs root and `ip` (Debian: apt-get install iproute2).
 */
export interface NetworkLab {
  /** What to start the n-th node's process through, and where it listens. */
  host(index: number): { readonly launcher: readonly string[]; readonly listenAddress: string };
  cut(index: number): void;
  heal(index: number): void;
  remove(): void;
}

const PORT = 2377;

export function createNetworkLab(hosts: number): NetworkLab {
  if (userInfo().uid !== 0)
    throw new Error("the network lab needs root: run the e2e tests as root");
  const tag = `wg${process.pid.toString(36)}`;
  const subnet = `10.${200 + (process.pid % 50)}.${Math.floor(process.pid / 50) % 250}`;
  const namespace = (index: number): string => `${tag}n${index}`;
  const cable = (index: number): string => `${tag}v${index}`;
  const made: (() => void)[] = [];
  const remove = (): void => {
    for (const undo of made.reverse()) undo();
    made.length = 0;
  };
  try {
    ip("link", "add", tag, "type", "bridge");
    made.push(() => ip("link", "del", tag));
    ip("link", "set", tag, "up");
    for (let index = 0; index < hosts; index += 1) {
      ip("netns", "add", namespace(index));
      made.push(() => ip("netns", "del", namespace(index)));
      const inside = `${tag}p${index}`;
      ip("link", "add", cable(index), "type", "veth", "peer", "name", inside);
      ip("link", "set", inside, "netns", namespace(index));
      ip("link", "set", cable(index), "master", tag, "up");
      const within = ["-n", namespace(index)];
      ip(...within, "addr", "add", `${subnet}.${index + 1}/24`, "dev", inside);
      ip(...within, "link", "set", inside, "up");
      ip(...within, "link", "set", "lo", "up");
    }
  } catch (error) {
    remove();
    throw error;
  }
  return {
    host: (index) => ({
      launcher: ["nsenter", `--net=/run/netns/${namespace(index)}`],
      listenAddress: `${subnet}.${index + 1}:${PORT}`,
    }),
    cut: (index) => ip("link", "set", cable(index), "down"),
    heal: (index) => ip("link", "set", cable(index), "up"),
    remove,
  };
}

function ip(...args: string[]): void {
  try {
    execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] });
  } catch (cause) {
    throw new Error(`ip ${args.join(" ")} failed; if \`ip\` is missing: apt-get install iproute2`, {
      cause,
    });
  }
}
