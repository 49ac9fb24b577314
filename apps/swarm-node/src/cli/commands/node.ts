import { type Command, Option } from "commander";
import { z } from "zod";
import { infoSchema, nodeSchema, nothing, taskSchema, type ApiNode } from "../api-types.ts";
import { type CliIo, type GlobalOptions, withClient } from "../context.ts";
import type { EngineClient } from "../engine-client.ts";
import { collect, type Format, formatOption, renderJson, renderTable } from "../output.ts";
import { renderTasks } from "./task-table.ts";

type FormatOptions = GlobalOptions & { readonly format: Format };

/** `node ls | inspect | ps | update | rm` */
export function addNodeCommands(program: Command, io: CliIo): void {
  const node = program.command("node").description("the machines of the swarm (ask a manager)");
  node
    .command("ls")
    .description("list the nodes")
    .addOption(formatOption())
    .action((_options: unknown, command: Command) => listNodes(command.optsWithGlobals(), io));
  node
    .command("inspect")
    .description("show all that is known of nodes, as JSON")
    .argument("<node...>", "id, hostname, unique part of an id from its start, or self")
    .addOption(formatOption())
    .action((names: string[], _options: unknown, command: Command) =>
      withClient(command.optsWithGlobals(), io, async (client) => {
        io.out(renderJson(await Promise.all(names.map((name) => findNode(client, name)))));
      }),
    );
  node
    .command("ps")
    .description("list the tasks of a node")
    .argument("[node]", "as in inspect", "self")
    .addOption(formatOption())
    .action((name: string, _options: unknown, command: Command) =>
      listNodeTasks(name, command.optsWithGlobals(), io),
    );
  addNodeUpdate(node, io);
  node
    .command("rm")
    .description("remove nodes that are down from the swarm")
    .argument("<node...>", "as in inspect")
    .option("--force", "also a node that is not down", false)
    .action((names: string[], _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { readonly force: boolean }>();
      return withClient(options, io, async (client) => {
        for (const name of names) {
          const found = await findNode(client, name);
          await client.delete(`/nodes/${found.ID}${options.force ? "?force=1" : ""}`);
          io.out(`${name}\n`);
        }
      });
    });
}

function addNodeUpdate(node: Command, io: CliIo): void {
  node
    .command("update")
    .description("change a node's availability, role or labels")
    .argument("<node>", "as in inspect")
    .addOption(
      new Option("--availability <availability>", "drain moves its tasks elsewhere").choices([
        "active",
        "pause",
        "drain",
      ]),
    )
    .addOption(new Option("--role <role>", "desired role").choices(["worker", "manager"]))
    .option("--label-add <key=value>", "set a label (repeatable)", collect, [])
    .option("--label-rm <key>", "remove a label (repeatable)", collect, [])
    .action((name: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<NodeUpdateOptions>();
      return withClient(options, io, async (client) => {
        const found = await findNode(client, name);
        const path = `/nodes/${found.ID}/update?version=${found.Version.Index}`;
        await client.post(path, changedNodeSpec(found, options), nothing);
        io.out(`${name}\n`);
      });
    });
}

interface NodeUpdateOptions extends GlobalOptions {
  readonly availability?: string;
  readonly role?: string;
  readonly labelAdd: readonly string[];
  readonly labelRm: readonly string[];
}

function changedNodeSpec(node: ApiNode, options: NodeUpdateOptions): ApiNode["Spec"] {
  const labels = new Map(Object.entries(node.Spec.Labels ?? {}));
  for (const key of options.labelRm) labels.delete(key);
  for (const label of options.labelAdd) {
    const [key = "", ...value] = label.split("=");
    labels.set(key, value.join("="));
  }
  return {
    ...node.Spec,
    Labels: Object.fromEntries(labels),
    Availability: options.availability ?? node.Spec.Availability,
    Role: options.role ?? node.Spec.Role,
  };
}

async function listNodes(options: FormatOptions, io: CliIo): Promise<void> {
  await withClient(options, io, async (client) => {
    const nodes = await client.get("/nodes", z.array(nodeSchema));
    if (options.format === "json") {
      io.out(renderJson(nodes));
      return;
    }
    const { Swarm: swarm } = await client.get("/info", infoSchema);
    const rows = nodes.map((node) => [
      node.ID + (node.ID === swarm.NodeID ? " *" : ""),
      node.Description?.Hostname ?? "",
      node.Status.State,
      node.Spec.Availability,
      managerColumn(node),
      node.Status.Addr ?? "",
    ]);
    io.out(renderTable(["ID", "HOSTNAME", "STATUS", "AVAILABILITY", "MANAGER", "ADDRESS"], rows));
  });
}

export function managerColumn(node: ApiNode): string {
  if (node.ManagerStatus === undefined) return "";
  const { Leader: leader, Learner: learner, Reachability: reachability } = node.ManagerStatus;
  if (leader === true) return "leader";
  return learner === true ? `${reachability}, learner` : reachability;
}

async function listNodeTasks(name: string, options: FormatOptions, io: CliIo): Promise<void> {
  await withClient(options, io, async (client) => {
    const node = await findNode(client, name);
    const filters = encodeURIComponent(JSON.stringify({ node: { [node.ID]: true } }));
    const tasks = await client.get(`/tasks?filters=${filters}`, z.array(taskSchema));
    io.out(options.format === "json" ? renderJson(tasks) : await renderTasks(client, tasks));
  });
}

async function findNode(client: EngineClient, name: string): Promise<ApiNode> {
  const wanted = name === "self" ? (await client.get("/info", infoSchema)).Swarm.NodeID : name;
  return client.get(`/nodes/${encodeURIComponent(wanted)}`, nodeSchema);
}
