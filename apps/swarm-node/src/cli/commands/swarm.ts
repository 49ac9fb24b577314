import { type Command, Option } from "commander";
import { z } from "zod";
import { infoSchema, nothing, swarmSchema } from "../api-types.ts";
import { type CliIo, type GlobalOptions, withClient } from "../context.ts";
import { type Format, formatOption, renderJson } from "../output.ts";

interface AddressOptions extends GlobalOptions {
  readonly advertiseAddr?: string;
  readonly availability: string;
  readonly format: Format;
}

function availabilityOption(): Option {
  return new Option("--availability <availability>", "whether the node takes tasks")
    .choices(["active", "pause", "drain"])
    .default("active");
}

/** `init`, `join`, `leave`, `join-token`, `info`: this node's place in a swarm. */
export function addSwarmCommands(program: Command, io: CliIo): void {
  addInit(program, io);
  addJoin(program, io);
  addLeave(program, io);
  addJoinToken(program, io);
  addInfo(program, io);
}

function addInit(program: Command, io: CliIo): void {
  program
    .command("init")
    .description("create a swarm with this node as its first manager")
    .option(
      "--advertise-addr <host:port>",
      "address that other nodes are told (default: the listen address)",
    )
    .addOption(availabilityOption())
    .addOption(formatOption())
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<AddressOptions>();
      await withClient(options, io, async (client) => {
        const body = {
          ListenAddr: "0.0.0.0:2377",
          AdvertiseAddr: options.advertiseAddr ?? "",
          Availability: options.availability,
          Spec: {},
        };
        const nodeId = await client.post("/swarm/init", body, z.string());
        const { JoinTokens: tokens } = await client.get("/swarm", swarmSchema);
        const info = await client.get("/info", infoSchema);
        const address = info.Swarm.RemoteManagers?.find((peer) => peer.NodeID === nodeId)?.Addr;
        if (options.format === "json") {
          io.out(
            renderJson({
              nodeId,
              address,
              tokens: { worker: tokens.Worker, manager: tokens.Manager },
            }),
          );
          return;
        }
        io.out(
          `Swarm initialised: this node (${nodeId}) is now a manager.\n\n` +
            `To add a worker, run on its machine:\n\n` +
            `    swarm-node join --token ${tokens.Worker} ${address ?? "HOST:PORT"}\n\n` +
            "To add a manager, run `swarm-node join-token manager` here and follow what it says.\n",
        );
      });
    });
}

function addJoin(program: Command, io: CliIo): void {
  program
    .command("join")
    .description(
      "make this node a member of a swarm; the token decides whether as worker or as manager",
    )
    .argument("<host:port...>", "one or more managers of the swarm")
    .requiredOption("--token <token>", "join token, from `swarm-node join-token` on a manager")
    .option(
      "--advertise-addr <host:port>",
      "address that other nodes are told (default: the listen address)",
    )
    .addOption(availabilityOption())
    .addOption(formatOption())
    .action(async (remotes: string[], _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<AddressOptions & { readonly token: string }>();
      await withClient(options, io, async (client) => {
        const body = {
          ListenAddr: "0.0.0.0:2377",
          AdvertiseAddr: options.advertiseAddr ?? "",
          RemoteAddrs: remotes,
          JoinToken: options.token,
          Availability: options.availability,
        };
        await client.post("/swarm/join", body, nothing);
        const { Swarm: swarm } = await client.get("/info", infoSchema);
        const role = swarm.ControlAvailable ? "manager" : "worker";
        if (options.format === "json") io.out(renderJson({ nodeId: swarm.NodeID, role }));
        else io.out(`This node (${swarm.NodeID}) joined the swarm as a ${role}.\n`);
      });
    });
}

function addLeave(program: Command, io: CliIo): void {
  program
    .command("leave")
    .description("leave the swarm: stops this node's tasks and forgets the swarm's keys and state")
    .option("--force", "also when this node is a manager", false)
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { readonly force: boolean }>();
      await withClient(options, io, async (client) => {
        await client.post(`/swarm/leave${options.force ? "?force=1" : ""}`, undefined, nothing);
        io.out("Node left the swarm.\n");
      });
    });
}

function addJoinToken(program: Command, io: CliIo): void {
  program
    .command("join-token")
    .description("print the token by which machines join as worker or as manager")
    .argument("<role>", "worker or manager")
    .option("-q, --quiet", "print the token alone", false)
    .option("--rotate", "replace the token first: the old one no longer lets anybody in", false)
    .addOption(formatOption())
    .action(async (role: string, _options: unknown, command: Command) => {
      if (role !== "worker" && role !== "manager") {
        command.error(`error: there are tokens for worker and manager, not for ${role}`);
      }
      const options = command.optsWithGlobals<
        GlobalOptions & {
          readonly quiet: boolean;
          readonly rotate: boolean;
          readonly format: Format;
        }
      >();
      await withClient(options, io, async (client) => {
        if (options.rotate) {
          const { Version: version, Spec: spec } = await client.get("/swarm", swarmSchema);
          const which = role === "worker" ? "rotateWorkerToken" : "rotateManagerToken";
          await client.post(`/swarm/update?version=${version.Index}&${which}=true`, spec, nothing);
        }
        const swarm = await client.get("/swarm", swarmSchema);
        const info = await client.get("/info", infoSchema);
        const token = role === "worker" ? swarm.JoinTokens.Worker : swarm.JoinTokens.Manager;
        const addresses = (info.Swarm.RemoteManagers ?? []).map((peer) => peer.Addr);
        if (options.quiet) io.out(`${token}\n`);
        else if (options.format === "json")
          io.out(renderJson({ role, token, managers: addresses }));
        else {
          io.out(
            `To add a ${role}, run on its machine:\n\n` +
              `    swarm-node join --token ${token} ${addresses.join(" ")}\n`,
          );
        }
      });
    });
}

function addInfo(program: Command, io: CliIo): void {
  program
    .command("info")
    .description("show this node's place in the swarm")
    .addOption(formatOption())
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { readonly format: Format }>();
      await withClient(options, io, async (client) => {
        const info = await client.get("/info", infoSchema);
        if (options.format === "json") {
          io.out(renderJson(info));
          return;
        }
        const { Swarm: swarm } = info;
        const lines = [`State:     ${swarm.LocalNodeState}`];
        if (swarm.NodeID !== "") {
          lines.push(
            `Node:      ${swarm.NodeID}`,
            `Role:      ${swarm.ControlAvailable ? "manager" : "worker"}`,
            `Managers:  ${(swarm.RemoteManagers ?? []).map((peer) => peer.Addr).join(", ")}`,
          );
        }
        if (swarm.Nodes !== undefined)
          lines.push(`Nodes:     ${swarm.Nodes} (${swarm.Managers ?? 0} managers)`);
        if (swarm.Raft !== undefined) lines.push(`Raft:      ${raftLine(swarm.Raft)}`);
        if (swarm.Error !== undefined && swarm.Error !== "")
          lines.push(`Error:     ${swarm.Error}`);
        io.out(`${lines.join("\n")}\n`);
      });
    });
}

type RaftInfo = NonNullable<z.output<typeof infoSchema>["Swarm"]["Raft"]>;

/** A manager's part in the group, in one line. */
export function raftLine(raft: RaftInfo): string {
  const onOff = (on: boolean): string => (on ? "on" : "off");
  const learners = raft.Learners === 0 ? "" : `, ${raft.Learners} learner(s)`;
  return (
    `${raft.Role}, term ${raft.Term}; ${raft.Voters} voter(s)${learners};` +
    ` pre-vote ${onOff(raft.PreVote)}, quorum check ${onOff(raft.CheckQuorum)}`
  );
}
