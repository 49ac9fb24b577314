import { type Command, InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import { createdSchema, nothing, serviceSchema, taskSchema } from "../api-types.ts";
import { type CliIo, type GlobalOptions, withClient } from "../context.ts";
import { collect, type Format, formatOption, renderJson, renderTable, shortId } from "../output.ts";
import { type ServiceLogOptions, streamServiceLogs } from "./service-logs.ts";
import { type ServiceFlags, changedSpec, newSpec } from "./service-spec.ts";
import { awaitConvergence } from "./service-progress.ts";
import { renderTasks } from "./task-table.ts";

type FormatOptions = GlobalOptions & { readonly format: Format };
type ServiceLogFlags = Omit<ServiceLogOptions, "service">;
type ChangeOptions = GlobalOptions & ServiceFlags & { readonly detach: boolean };

/** `service create | ls | ps | inspect | scale | update | rm | logs` */
export function addServiceCommands(program: Command, io: CliIo): void {
  const service = program.command("service").description("what the swarm runs (ask a manager)");
  addCreate(service, io);
  addUpdate(service, io);
  addScale(service, io);
  addListings(service, io);
  service
    .command("rm")
    .description("remove services and stop their tasks")
    .argument("<service...>", "name, id, or unique start of an id")
    .action((names: string[], _options: unknown, command: Command) =>
      withClient(command.optsWithGlobals(), io, async (client) => {
        for (const name of names) {
          await client.delete(`/services/${encodeURIComponent(name)}`);
          io.out(`${name}\n`);
        }
      }),
    );
  service
    .command("logs")
    .description("print what a service's tasks wrote")
    .argument("<service>", "name, id, or unique start of an id")
    .option("-f, --follow", "go on as more is written, until Ctrl-C", false)
    .option("-n, --tail <lines>", "lines from the end of each task's output, or all", "all")
    .option("-t, --timestamps", "show when each line was written", false)
    .action((name: string, _options: unknown, command: Command) =>
      withClient(command.optsWithGlobals(), io, (client) =>
        streamServiceLogs(
          client,
          { ...command.optsWithGlobals<ServiceLogFlags>(), service: name },
          io,
        ),
      ),
    );
}

/** Flags that create and update share. */
function withSpecFlags(command: Command): Command {
  return command
    .option("--replicas <number>", "how many tasks", wholeNumber)
    .option("--env <KEY=value>", "environment of the process (repeatable)", collect, [])
    .option("--label <key=value>", "label of the service (repeatable)", collect, [])
    .option("--constraint <expression>", "e.g. node.role==worker (repeatable)", collect, [])
    .option("--workdir <directory>", "working directory of the process")
    .addOption(
      new Option("--restart-condition <condition>", "when a task that ended is replaced").choices([
        "none",
        "on-failure",
        "any",
      ]),
    )
    .option("--restart-delay <seconds>", "wait before a replacement starts", seconds)
    .option("--restart-max-attempts <number>", "replacements before giving up", wholeNumber)
    .option("--stop-grace-period <seconds>", "from the stop signal to SIGKILL", seconds)
    .option("--stop-signal <signal>", "signal that asks the process to end")
    .option(
      "--update-parallelism <number>",
      "slots that an update replaces at once; 0: all",
      wholeNumber,
    )
    .option("--update-delay <seconds>", "wait between two slots of an update", seconds)
    .option("-d, --detach", "do not wait until the tasks run", false);
}

function addCreate(service: Command, io: CliIo): void {
  withSpecFlags(service.command("create"))
    .description("create a service; the image `process` runs the command on the nodes themselves")
    .argument("<image>", "`process`, or an image for nodes with a container engine")
    .argument("[command...]", "command and arguments")
    .option("--name <name>", "name of the service (default: chosen by the node)")
    .passThroughOptions()
    .action(async (image: string, args: string[], _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ChangeOptions & { readonly name?: string }>();
      await withClient(options, io, async (client) => {
        const spec = newSpec(image, args, options);
        const { ID: id } = await client.post("/services/create", spec, createdSchema);
        io.out(`${id}\n`);
        if (!options.detach) await awaitConvergence(client, id, io);
      });
    });
}

function addUpdate(service: Command, io: CliIo): void {
  withSpecFlags(service.command("update"))
    .description("change a service; its tasks are replaced one after the other where needed")
    .argument("<service>", "name, id, or unique start of an id")
    .option("--args <command>", "new command and arguments, split at blanks")
    .option("--image <image>", "new image")
    .option("--force", "replace all tasks although nothing else changes", false)
    .action(async (name: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ChangeOptions>();
      await withClient(options, io, async (client) => {
        const found = await client.get(`/services/${encodeURIComponent(name)}`, serviceSchema);
        const path = `/services/${found.ID}/update?version=${found.Version.Index}`;
        await client.post(path, changedSpec(found.Spec, options), nothing);
        io.out(`${name}\n`);
        if (!options.detach) await awaitConvergence(client, found.ID, io);
      });
    });
}

function addScale(service: Command, io: CliIo): void {
  service
    .command("scale")
    .description("change how many tasks services have")
    .argument("<service=replicas...>", "e.g. web=5 api=2")
    .option("-d, --detach", "do not wait until the tasks run", false)
    .action(async (targets: string[], _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ChangeOptions>();
      const wanted = targets.map((target) => {
        const [name = "", count = ""] = target.split("=");
        return { name, replicas: wholeNumber(count) };
      });
      await withClient(options, io, async (client) => {
        for (const { name, replicas } of wanted) {
          const found = await client.get(`/services/${encodeURIComponent(name)}`, serviceSchema);
          const spec = { ...found.Spec, Mode: { Replicated: { Replicas: replicas } } };
          const path = `/services/${found.ID}/update?version=${found.Version.Index}`;
          await client.post(path, spec, nothing);
          io.out(`${name} scaled to ${replicas}\n`);
          if (!options.detach) await awaitConvergence(client, found.ID, io);
        }
      });
    });
}

function addListings(service: Command, io: CliIo): void {
  service
    .command("ls")
    .description("list the services")
    .addOption(formatOption())
    .action((_options: unknown, command: Command) => listServices(command.optsWithGlobals(), io));
  service
    .command("ps")
    .description("list the tasks of services, past ones included")
    .argument("<service...>", "name, id, or unique start of an id")
    .addOption(formatOption())
    .action((names: string[], _options: unknown, command: Command) =>
      listServiceTasks(names, command.optsWithGlobals(), io),
    );
  service
    .command("inspect")
    .description("show all that is known of services, as JSON")
    .argument("<service...>", "name, id, or unique start of an id")
    .addOption(formatOption())
    .action((names: string[], _options: unknown, command: Command) =>
      withClient(command.optsWithGlobals(), io, async (client) => {
        const found = await Promise.all(
          names.map((name) => client.get(`/services/${encodeURIComponent(name)}`, serviceSchema)),
        );
        io.out(renderJson(found));
      }),
    );
}

async function listServices(options: FormatOptions, io: CliIo): Promise<void> {
  await withClient(options, io, async (client) => {
    const services = await client.get("/services?status=true", z.array(serviceSchema));
    if (options.format === "json") {
      io.out(renderJson(services));
      return;
    }
    const rows = services.map((found) => [
      shortId(found.ID),
      found.Spec.Name,
      found.Spec.Mode.Replicated === undefined ? "other" : "replicated",
      `${found.ServiceStatus?.RunningTasks ?? 0}/${found.ServiceStatus?.DesiredTasks ?? 0}`,
      found.Spec.TaskTemplate.ContainerSpec.Image,
      found.UpdateStatus?.State ?? "",
    ]);
    io.out(renderTable(["ID", "NAME", "MODE", "REPLICAS", "IMAGE", "UPDATE"], rows));
  });
}

async function listServiceTasks(
  names: readonly string[],
  options: FormatOptions,
  io: CliIo,
): Promise<void> {
  await withClient(options, io, async (client) => {
    const filters = JSON.stringify({
      service: Object.fromEntries(names.map((name) => [name, true])),
    });
    const tasks = await client.get(
      `/tasks?filters=${encodeURIComponent(filters)}`,
      z.array(taskSchema),
    );
    io.out(options.format === "json" ? renderJson(tasks) : await renderTasks(client, tasks));
  });
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new InvalidArgumentError("a whole number of 0 or more is needed.");
  return Number(text);
}

function seconds(text: string): number {
  if (!/^\d{1,6}(\.\d{1,3})?$/.test(text))
    throw new InvalidArgumentError("seconds are needed, e.g. 2.5.");
  return Number(text);
}
