import type {
  ContainerSpec,
  Placement,
  ResourceAmounts,
  RestartPolicy,
  TaskSpec,
} from "@waggle/swarm-state";
import { z } from "zod";
import { EngineApiError, unimplemented } from "../errors.ts";
import {
  duration,
  refuseUnsupported,
  stringList,
  stringMap,
  wholeNumber,
} from "./request-shape.ts";
import { fromNanoseconds, nonEmpty, nonEmptyMap, nonZero, toNanoseconds } from "./values.ts";

const DEFAULT_RESTART_DELAY_MS = 5_000;
const DEFAULT_STOP_GRACE_PERIOD_MS = 10_000;
const DEFAULT_STOP_SIGNAL = "SIGTERM";

const amounts = z.looseObject({
  NanoCPUs: z.number().int().optional(),
  MemoryBytes: z.number().int().optional(),
});

const containerSchema = z.looseObject({
  Image: z.string().default(""),
  Labels: stringMap.default({}),
  Command: stringList.default([]),
  Args: stringList.default([]),
  Hostname: z.string().default(""),
  Env: stringList.default([]),
  Dir: z.string().default(""),
  User: z.string().default(""),
  StopSignal: z.string().default(""),
  StopGracePeriod: duration.optional(),
  TTY: z.boolean().default(false),
  Init: z.boolean().optional(),
  ReadOnly: z.boolean().default(false),
  Isolation: z.string().default(""),
});

/** The shape of a TaskSpec in a request, as far as it is carried out. */
export const taskSpecSchema = z.looseObject({
  ContainerSpec: containerSchema.optional(),
  Resources: z
    .looseObject({ Limits: amounts.optional(), Reservations: amounts.optional() })
    .default({}),
  RestartPolicy: z
    .looseObject({
      Condition: z.string().default(""),
      Delay: duration.optional(),
      MaxAttempts: wholeNumber.default(0),
      Window: duration.default(0),
    })
    .optional(),
  Placement: z
    .looseObject({
      Constraints: stringList.default([]),
      Preferences: z
        .array(
          z.looseObject({ Spread: z.looseObject({ SpreadDescriptor: z.string().default("") }) }),
        )
        .default([]),
      MaxReplicas: wholeNumber.default(0),
      Platforms: z
        .array(z.looseObject({ Architecture: z.string().default(""), OS: z.string().default("") }))
        .default([]),
    })
    .optional(),
  LogDriver: z
    .looseObject({ Name: z.string().default(""), Options: stringMap.default({}) })
    .optional(),
  ForceUpdate: wholeNumber.default(0),
  Runtime: z.string().default(""),
});

type TaskSpecRequest = z.output<typeof taskSpecSchema>;

const unsupportedInContainer: readonly string[] = [
  "Groups",
  "Privileges",
  "OpenStdin",
  "Mounts",
  "Healthcheck",
  "Hosts",
  "DNSConfig",
  "Secrets",
  "Configs",
  "Sysctls",
  "CapabilityAdd",
  "CapabilityDrop",
  "Ulimits",
  "OomScoreAdj",
];

/** @throws EngineApiError 400 for what is wrong, 501 for what is not offered. */
export function fromTaskSpec(request: TaskSpecRequest): TaskSpec {
  if (request.Runtime !== "" && request.Runtime !== "container") {
    throw new EngineApiError(400, "unsupported runtime");
  }
  if (request.ContainerSpec === undefined) {
    throw new EngineApiError(400, "mismatched Runtime and *Spec fields");
  }
  refuseUnsupported(request, ["Networks", "PluginSpec", "NetworkAttachmentSpec"], "TaskSpec");
  refuseUnsupported(request.ContainerSpec, unsupportedInContainer, "ContainerSpec");
  const { Limits: limits = {}, Reservations: reservations = {} } = request.Resources;
  refuseUnsupported(limits, ["Pids"], "Resources.Limits");
  refuseUnsupported(reservations, ["GenericResources"], "Resources.Reservations");
  return {
    container: fromContainerSpec(request.ContainerSpec),
    limits: fromAmounts(limits),
    reservations: fromAmounts(reservations),
    restart: fromRestartPolicy(request.RestartPolicy),
    placement: fromPlacement(request.Placement),
    logDriver: request.LogDriver && {
      name: request.LogDriver.Name,
      options: request.LogDriver.Options,
    },
    forceUpdate: request.ForceUpdate,
  };
}

function fromContainerSpec(request: z.output<typeof containerSchema>): ContainerSpec {
  if (request.Isolation !== "" && request.Isolation.toLowerCase() !== "default") {
    throw unimplemented("ContainerSpec: Isolation is not supported");
  }
  return {
    image: request.Image,
    labels: request.Labels,
    command: request.Command,
    args: request.Args,
    hostname: request.Hostname,
    env: request.Env,
    dir: request.Dir,
    user: request.User,
    stopSignal: request.StopSignal === "" ? DEFAULT_STOP_SIGNAL : request.StopSignal,
    stopGracePeriodMs:
      request.StopGracePeriod === undefined
        ? DEFAULT_STOP_GRACE_PERIOD_MS
        : fromNanoseconds(request.StopGracePeriod),
    tty: request.TTY,
    init: request.Init,
    readOnly: request.ReadOnly,
  };
}

function fromAmounts(request: z.output<typeof amounts>): ResourceAmounts {
  return { nanoCpus: request.NanoCPUs ?? 0, memoryBytes: request.MemoryBytes ?? 0 };
}

function fromRestartPolicy(request: TaskSpecRequest["RestartPolicy"]): RestartPolicy {
  const condition = request?.Condition ?? "";
  if (
    condition !== "" &&
    condition !== "any" &&
    condition !== "on-failure" &&
    condition !== "none"
  ) {
    throw new EngineApiError(400, `invalid RestartCondition: "${condition}"`);
  }
  return {
    condition: condition === "" ? "any" : condition,
    delayMs:
      request?.Delay === undefined ? DEFAULT_RESTART_DELAY_MS : fromNanoseconds(request.Delay),
    maxAttempts: request?.MaxAttempts ?? 0,
    windowMs: fromNanoseconds(request?.Window ?? 0),
  };
}

function fromPlacement(request: TaskSpecRequest["Placement"]): Placement {
  return {
    constraints: request?.Constraints ?? [],
    spread: (request?.Preferences ?? []).map((preference) => preference.Spread.SpreadDescriptor),
    maxReplicasPerNode: request?.MaxReplicas ?? 0,
    platforms: (request?.Platforms ?? []).map((platform) => ({
      os: platform.OS,
      architecture: platform.Architecture,
    })),
  };
}

/** How a spec is shown. */
export interface SpecShape {
  /** Services show the runtime, tasks do not. */
  readonly runtime: boolean;
  /** Show also what the user left to the defaults. */
  readonly insertDefaults: boolean;
}

export function toTaskSpec(spec: TaskSpec, shape: SpecShape): object {
  const { placement, logDriver } = spec;
  return {
    ContainerSpec: toContainerSpec(spec.container, shape),
    Resources: {
      Limits: toAmounts(spec.limits),
      Reservations: toAmounts(spec.reservations),
    },
    RestartPolicy: toRestartPolicy(spec.restart, shape),
    Placement: {
      Constraints: nonEmpty(placement.constraints),
      Preferences: nonEmpty(
        placement.spread.map((descriptor) => ({ Spread: { SpreadDescriptor: descriptor } })),
      ),
      MaxReplicas: nonZero(placement.maxReplicasPerNode),
      Platforms: nonEmpty(
        placement.platforms.map((platform) => ({
          Architecture: nonEmpty(platform.architecture),
          OS: nonEmpty(platform.os),
        })),
      ),
    },
    LogDriver: logDriver && {
      Name: nonEmpty(logDriver.name),
      Options: nonEmptyMap(logDriver.options),
    },
    ForceUpdate: spec.forceUpdate,
    Runtime: shape.runtime ? "container" : undefined,
  };
}

/** The store keeps no difference between the default and nothing; Docker shows nothing for nothing. */
function toRestartPolicy(restart: RestartPolicy, shape: SpecShape): object | undefined {
  const isDefault =
    restart.condition === "any" &&
    restart.delayMs === DEFAULT_RESTART_DELAY_MS &&
    restart.maxAttempts === 0 &&
    restart.windowMs === 0;
  if (isDefault && !shape.insertDefaults) return undefined;
  return {
    Condition: restart.condition,
    Delay: toNanoseconds(restart.delayMs),
    MaxAttempts: restart.maxAttempts,
    Window: nonZero(toNanoseconds(restart.windowMs)),
  };
}

function toContainerSpec(container: ContainerSpec, shape: SpecShape): object {
  const hasDefaultGrace = container.stopGracePeriodMs === DEFAULT_STOP_GRACE_PERIOD_MS;
  return {
    Image: container.image,
    Labels: nonEmptyMap(container.labels),
    Command: nonEmpty(container.command),
    Args: nonEmpty(container.args),
    Hostname: nonEmpty(container.hostname),
    Env: nonEmpty(container.env),
    Dir: nonEmpty(container.dir),
    User: nonEmpty(container.user),
    Init: container.init,
    StopSignal: container.stopSignal === DEFAULT_STOP_SIGNAL ? undefined : container.stopSignal,
    TTY: container.tty ? true : undefined,
    ReadOnly: container.readOnly ? true : undefined,
    StopGracePeriod:
      hasDefaultGrace && !shape.insertDefaults
        ? undefined
        : toNanoseconds(container.stopGracePeriodMs),
    DNSConfig: {},
    Isolation: "default",
  };
}

function toAmounts(amounts: ResourceAmounts): object {
  return { NanoCPUs: nonZero(amounts.nanoCpus), MemoryBytes: nonZero(amounts.memoryBytes) };
}
