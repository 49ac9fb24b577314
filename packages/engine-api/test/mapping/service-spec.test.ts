import fc from "fast-check";
import { expect, test } from "vitest";
import type { ServiceSpec } from "@waggle/swarm-state";
import { parseRequest } from "../../src/mapping/request-shape.ts";
import {
  fromServiceSpec,
  serviceSpecSchema,
  toServiceSpec,
} from "../../src/mapping/service-spec.ts";
import { serviceRequest } from "../support/requests.ts";

const shape = { runtime: true, insertDefaults: false };

function read(request: unknown): ServiceSpec {
  return fromServiceSpec(parseRequest(serviceSpecSchema, JSON.parse(JSON.stringify(request))));
}

function shown(spec: ServiceSpec): unknown {
  return JSON.parse(JSON.stringify(toServiceSpec(spec, shape)));
}

/** As the command line posts a stack's service, without what is refused. */
const stackRequest = {
  Name: "h4-st_web",
  Labels: { "com.docker.stack.image": "busybox:latest", "com.docker.stack.namespace": "h4-st" },
  TaskTemplate: {
    ContainerSpec: {
      Image: "busybox:latest",
      Labels: { "com.docker.stack.namespace": "h4-st" },
      Args: ["sh", "-c", "while true; do echo web-line; sleep 1; done"],
      Env: ["A=1", "B=2"],
      Privileges: { CredentialSpec: null, SELinuxContext: null, NoNewPrivileges: false },
      StopGracePeriod: 1_000_000_000,
    },
    Resources: {
      Limits: { NanoCPUs: 500_000_000, MemoryBytes: 52_428_800 },
      Reservations: { NanoCPUs: 50_000_000, MemoryBytes: 8_388_608 },
    },
    RestartPolicy: {
      Condition: "on-failure",
      Delay: 2_000_000_000,
      MaxAttempts: 3,
      Window: 30_000_000_000,
    },
    Placement: {
      Constraints: ["node.role == manager"],
      Preferences: [{ Spread: { SpreadDescriptor: "node.labels.zone" } }],
      MaxReplicas: 2,
      Platforms: [{ Architecture: "amd64", OS: "linux" }],
    },
    LogDriver: { Name: "json-file", Options: { "max-size": "1m" } },
    ForceUpdate: 4,
  },
  Mode: { Replicated: { Replicas: 2 } },
  UpdateConfig: {
    Parallelism: 1,
    Delay: 1_000_000_000,
    FailureAction: "rollback",
    Monitor: 2_000_000_000,
    MaxFailureRatio: 0.1,
    Order: "start-first",
  },
  RollbackConfig: { Parallelism: 1, MaxFailureRatio: 0, Order: "" },
  EndpointSpec: {},
};

test("a stack's service is carried over whole", () => {
  const spec = read(stackRequest);
  expect(spec).toMatchObject({
    name: "h4-st_web",
    task: {
      container: { env: ["A=1", "B=2"], stopGracePeriodMs: 1_000, init: undefined },
      limits: { nanoCpus: 5e8, memoryBytes: 52_428_800 },
      restart: { condition: "on-failure", delayMs: 2_000, maxAttempts: 3, windowMs: 30_000 },
      placement: {
        constraints: ["node.role == manager"],
        spread: ["node.labels.zone"],
        maxReplicasPerNode: 2,
        platforms: [{ os: "linux", architecture: "amd64" }],
      },
      logDriver: { name: "json-file", options: { "max-size": "1m" } },
      forceUpdate: 4,
    },
    update: { failureAction: "rollback", monitorMs: 2_000, order: "start-first" },
    rollback: { failureAction: "pause", monitorMs: 5_000, order: "stop-first" },
    endpoint: { mode: "vip", ports: [] },
  });
  expect(shown(spec)).toMatchObject({
    ...stackRequest,
    TaskTemplate: {
      ...stackRequest.TaskTemplate,
      ContainerSpec: { Args: stackRequest.TaskTemplate.ContainerSpec.Args, Isolation: "default" },
      Runtime: "container",
    },
    RollbackConfig: { FailureAction: "pause", Order: "stop-first" },
    EndpointSpec: { Mode: "vip" },
  });
});

const nanoseconds = fc.integer({ min: 0, max: 2 ** 51 });
const count = fc.nat(1_000);
const updateConfig = fc.record(
  {
    Parallelism: count,
    Delay: nanoseconds,
    FailureAction: fc.constantFrom("", "pause", "continue", "rollback"),
    Monitor: nanoseconds,
    MaxFailureRatio: fc.double({ min: 0, max: 1, noNaN: true }),
    Order: fc.constantFrom("", "stop-first", "start-first"),
  },
  { requiredKeys: [] },
);
const template = fc.record(
  {
    ContainerSpec: fc.record(
      {
        Image: fc.string(),
        Args: fc.array(fc.string()),
        Command: fc.array(fc.string()),
        Env: fc.array(fc.string()),
        StopSignal: fc.constantFrom("", "SIGTERM", "SIGINT"),
        StopGracePeriod: nanoseconds,
        Init: fc.boolean(),
        TTY: fc.boolean(),
        ReadOnly: fc.boolean(),
      },
      { requiredKeys: ["Image"] },
    ),
    Resources: fc.record(
      { Limits: fc.record({ NanoCPUs: count }), Reservations: fc.constant(null) },
      { requiredKeys: [] },
    ),
    RestartPolicy: fc.record(
      {
        Condition: fc.constantFrom("", "any", "none", "on-failure"),
        Delay: nanoseconds,
        MaxAttempts: count,
        Window: nanoseconds,
      },
      { requiredKeys: [] },
    ),
    Placement: fc.record({ Constraints: fc.array(fc.string()), MaxReplicas: count }),
    LogDriver: fc.record({ Name: fc.string() }, { requiredKeys: [] }),
    ForceUpdate: count,
  },
  { requiredKeys: ["ContainerSpec"] },
);
const request = fc.record(
  {
    Name: fc.string(),
    TaskTemplate: template,
    Mode: fc.record({ Replicated: fc.record({ Replicas: count }, { requiredKeys: [] }) }),
    UpdateConfig: updateConfig,
    RollbackConfig: fc.option(updateConfig),
    EndpointSpec: fc.record({ Mode: fc.constantFrom("", "vip", "dnsrr") }, { requiredKeys: [] }),
  },
  { requiredKeys: ["TaskTemplate"] },
);

test("what is shown, sent back, means the same, with or without defaults", () => {
  fc.assert(
    fc.property(request, fc.boolean(), (posted, insertDefaults) => {
      const spec = read(posted);
      const again = read(toServiceSpec(spec, { runtime: true, insertDefaults }));
      expect(again.task).toEqual(spec.task);
      expect(again.mode).toEqual(spec.mode);
      expect(again.endpoint).toEqual(spec.endpoint);
      if (insertDefaults) return;
      expect(again).toEqual(spec);
      expect(shown(again)).toEqual(shown(spec));
    }),
  );
});

function refusal(containerChange: object, templateChange: object = {}): unknown {
  const { TaskTemplate: task } = serviceRequest() as {
    readonly TaskTemplate: { readonly ContainerSpec: object };
  };
  const container = { ...task.ContainerSpec, ...containerChange };
  try {
    read({ TaskTemplate: { ...task, ...templateChange, ContainerSpec: container } });
  } catch (error) {
    return error;
  }
  return undefined;
}

test.each([
  ["Mounts", [{ Type: "bind", Source: "/a", Target: "/b" }]],
  ["Mounts", [{}]],
  ["Secrets", [{ SecretID: "x" }]],
  ["Healthcheck", { Test: ["CMD-SHELL", ":"] }],
  ["Healthcheck", { Test: [""] }],
  ["DNSConfig", { Nameservers: ["1.1.1.1"] }],
  ["Privileges", { NoNewPrivileges: true }],
  ["CapabilityAdd", ["CAP_NET_ADMIN"]],
  ["OpenStdin", true],
  ["OomScoreAdj", 5],
  ["Isolation", "hyperv"],
])("%s %j is refused, not ignored", (field, value) => {
  const message = `rpc error: code = Unimplemented desc = ContainerSpec: ${field} is not supported`;
  expect(refusal({ [field]: value })).toMatchObject({ status: 501, message });
});

test.each([
  [{ Networks: [{ Target: "x" }] }, 501, /TaskSpec: Networks/],
  [{ Resources: { Limits: { Pids: 3 } } }, 501, /Resources.Limits: Pids/],
  [{ Resources: { Reservations: { GenericResources: [{}] } } }, 501, /GenericResources/],
  [{ Runtime: "plugin" }, 400, /^unsupported runtime$/],
  [{ RestartPolicy: { Condition: "x" } }, 400, /^invalid RestartCondition: "x"$/],
  [{ RestartPolicy: { Delay: 1.5 } }, 400, /RestartPolicy.Delay: expected an int64/],
  [{ RestartPolicy: { Delay: 1e300 } }, 400, /expected an int64/],
  [{ ForceUpdate: -1 }, 400, /TaskTemplate.ForceUpdate/],
])("a task template with %j is refused", (change, status, message) => {
  expect(refusal({}, change)).toMatchObject({
    status,
    message: expect.stringMatching(message) as unknown,
  });
});

test("zero values of what is refused are accepted: the command line sends them", () => {
  const zeros = { Mounts: [], Healthcheck: null, OpenStdin: false, Sysctls: {}, DNSConfig: {} };
  expect(refusal({ ...zeros, Isolation: "default" }, { Networks: [] })).toBeUndefined();
});
