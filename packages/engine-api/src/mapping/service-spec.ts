import type { EndpointSpec, PortConfig, ServiceSpec, UpdateConfig } from "@waggle/swarm-state";
import { z } from "zod";
import { EngineApiError, unimplemented } from "../errors.ts";
import { duration, refuseUnsupported, stringMap, wholeNumber } from "./request-shape.ts";
import { fromTaskSpec, type SpecShape, taskSpecSchema, toTaskSpec } from "./task-spec.ts";
import { fromNanoseconds, nonEmpty, nonZero, toNanoseconds } from "./values.ts";

const DEFAULT_MONITOR_MS = 5_000;

const updateConfigSchema = z.looseObject({
  Parallelism: wholeNumber.default(0),
  Delay: duration.default(0),
  FailureAction: z.string().default(""),
  Monitor: duration.default(0),
  MaxFailureRatio: z.number().default(0),
  Order: z.string().default(""),
});

const portSchema = z.looseObject({
  Name: z.string().default(""),
  Protocol: z.string().default(""),
  TargetPort: wholeNumber.default(0),
  PublishedPort: wholeNumber.default(0),
  PublishMode: z.string().default(""),
});

/** The shape of a ServiceSpec in a request, as far as it is carried out. */
export const serviceSpecSchema = z.looseObject({
  Name: z.string().default(""),
  Labels: stringMap.default({}),
  TaskTemplate: taskSpecSchema.default({ Resources: {}, ForceUpdate: 0, Runtime: "" }),
  Mode: z
    .looseObject({ Replicated: z.looseObject({ Replicas: wholeNumber.optional() }).optional() })
    .optional(),
  UpdateConfig: updateConfigSchema.optional(),
  RollbackConfig: updateConfigSchema.optional(),
  EndpointSpec: z
    .looseObject({ Mode: z.string().default(""), Ports: z.array(portSchema).default([]) })
    .optional(),
});

type ServiceSpecRequest = z.output<typeof serviceSpecSchema>;

/** @throws EngineApiError 400 for what is wrong, 501 for what is not offered. */
export function fromServiceSpec(request: ServiceSpecRequest): ServiceSpec {
  refuseUnsupported(request, ["Networks"], "ServiceSpec");
  return {
    name: request.Name,
    labels: request.Labels,
    task: fromTaskSpec(request.TaskTemplate),
    mode: { type: "replicated", replicas: replicasOf(request.Mode) },
    update: request.UpdateConfig && fromUpdateConfig(request.UpdateConfig),
    rollback: request.RollbackConfig && fromUpdateConfig(request.RollbackConfig),
    endpoint: request.EndpointSpec && fromEndpointSpec(request.EndpointSpec),
  };
}

function replicasOf(mode: ServiceSpecRequest["Mode"]): number {
  const modes = Object.entries(mode ?? {}).filter(([, value]) => value !== undefined);
  if (modes.length > 1) throw new EngineApiError(400, "must specify only one service mode");
  const [name = "Replicated"] = modes[0] ?? [];
  if (name !== "Replicated") {
    throw unimplemented(`service mode ${name} is not supported: only Replicated is`);
  }
  return mode?.Replicated?.Replicas ?? 1;
}

function fromUpdateConfig(request: z.output<typeof updateConfigSchema>): UpdateConfig {
  const { FailureAction: action, Order: order } = request;
  if (action !== "" && action !== "pause" && action !== "continue" && action !== "rollback") {
    throw new EngineApiError(400, `unrecognized update failure action ${action}`);
  }
  if (order !== "" && order !== "stop-first" && order !== "start-first") {
    throw new EngineApiError(400, `unrecognized update order ${order}`);
  }
  return {
    parallelism: request.Parallelism,
    delayMs: fromNanoseconds(request.Delay),
    failureAction: action === "" ? "pause" : action,
    // Go leaves out a zero here, so zero is what nothing is.
    monitorMs: request.Monitor === 0 ? DEFAULT_MONITOR_MS : fromNanoseconds(request.Monitor),
    maxFailureRatio: request.MaxFailureRatio,
    order: order === "" ? "stop-first" : order,
  };
}

function fromEndpointSpec(request: NonNullable<ServiceSpecRequest["EndpointSpec"]>): EndpointSpec {
  const { Mode: mode, Ports: ports } = request;
  if (mode !== "" && mode !== "vip" && mode !== "dnsrr") {
    throw new EngineApiError(400, `invalid resolution mode: "${mode}"`);
  }
  if (ports.length > 0) {
    throw unimplemented(
      "published ports are not supported: a process listens on its node's own addresses",
    );
  }
  return { mode: mode === "dnsrr" ? "dnsrr" : "vip", ports: [] };
}

export function toServiceSpec(spec: ServiceSpec, shape: SpecShape): object {
  const defaults = shape.insertDefaults ? DEFAULT_UPDATE_CONFIG : undefined;
  return {
    Name: spec.name,
    Labels: spec.labels,
    TaskTemplate: toTaskSpec(spec.task, shape),
    Mode: { Replicated: { Replicas: spec.mode.replicas } },
    UpdateConfig: spec.update === undefined ? defaults : toUpdateConfig(spec.update, shape),
    RollbackConfig: spec.rollback === undefined ? defaults : toUpdateConfig(spec.rollback, shape),
    EndpointSpec: spec.endpoint && toEndpointSpec(spec.endpoint),
  };
}

/** What `insertDefaults=true` shows where the user gave nothing. */
const DEFAULT_UPDATE_CONFIG: object = {
  Parallelism: 1,
  FailureAction: "pause",
  Monitor: toNanoseconds(DEFAULT_MONITOR_MS),
  MaxFailureRatio: 0,
  Order: "stop-first",
};

function toUpdateConfig(config: UpdateConfig, shape: SpecShape): object {
  const hidesMonitor = config.monitorMs === DEFAULT_MONITOR_MS && !shape.insertDefaults;
  return {
    Parallelism: config.parallelism,
    Delay: nonZero(toNanoseconds(config.delayMs)),
    FailureAction: config.failureAction,
    Monitor: hidesMonitor ? undefined : nonZero(toNanoseconds(config.monitorMs)),
    MaxFailureRatio: config.maxFailureRatio,
    Order: config.order,
  };
}

export function toEndpointSpec(endpoint: EndpointSpec): object {
  return { Mode: endpoint.mode, Ports: nonEmpty(endpoint.ports.map(toPort)) };
}

function toPort(port: PortConfig): object {
  return {
    Name: nonEmpty(port.name),
    Protocol: port.protocol,
    TargetPort: port.targetPort,
    PublishedPort: nonZero(port.publishedPort),
    PublishMode: port.publishMode,
  };
}
