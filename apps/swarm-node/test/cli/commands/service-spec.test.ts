import { describe, expect, it } from "vitest";
import { serviceSchema } from "../../../src/cli/api-types.ts";
import { changedSpec, newSpec, type ServiceFlags } from "../../../src/cli/commands/service-spec.ts";

const NONE: ServiceFlags = { env: [], label: [], constraint: [] };

describe("the spec of a new service", () => {
  it("leaves out what was not said", () => {
    expect(newSpec("process", ["sleep", "1"], NONE)).toEqual({
      Name: "",
      Labels: {},
      TaskTemplate: { ContainerSpec: { Image: "process", Args: ["sleep", "1"] } },
      Mode: { Replicated: { Replicas: 1 } },
    });
  });

  it("holds what was said, in the API's names and units", () => {
    const spec = newSpec("process", ["serve"], {
      name: "web",
      replicas: 3,
      env: ["A=1", "B=x=y"],
      label: ["tier=front", "flag", "eq=a=b"],
      constraint: ["node.role==worker"],
      workdir: "/srv",
      restartCondition: "on-failure",
      restartDelay: 2.5,
      restartMaxAttempts: 4,
      stopGracePeriod: 10,
      stopSignal: "SIGINT",
      updateParallelism: 2,
      updateDelay: 0.001,
    });
    expect(spec).toEqual({
      Name: "web",
      Labels: { tier: "front", flag: "", eq: "a=b" },
      TaskTemplate: {
        ContainerSpec: {
          Image: "process",
          Args: ["serve"],
          Env: ["A=1", "B=x=y"],
          Dir: "/srv",
          StopSignal: "SIGINT",
          StopGracePeriod: 10_000_000_000,
        },
        RestartPolicy: { Condition: "on-failure", Delay: 2_500_000_000, MaxAttempts: 4 },
        Placement: { Constraints: ["node.role==worker"] },
      },
      Mode: { Replicated: { Replicas: 3 } },
      UpdateConfig: { Parallelism: 2, Delay: 1_000_000 },
    });
  });

  it("updates one slot after the other when only the delay was said", () => {
    expect(newSpec("process", [], { ...NONE, updateDelay: 1 })).toMatchObject({
      UpdateConfig: { Parallelism: 1, Delay: 1_000_000_000 },
    });
  });

  it("keeps zero apart from nothing", () => {
    const spec = newSpec("process", [], { ...NONE, replicas: 0, updateParallelism: 0 });
    expect(spec).toMatchObject({
      Mode: { Replicated: { Replicas: 0 } },
      UpdateConfig: { Parallelism: 0 },
    });
  });
});

describe("the spec of a changed service", () => {
  const { Spec: spec } = serviceSchema.parse({
    ID: "s",
    Version: { Index: 4 },
    Spec: {
      Name: "web",
      Labels: { tier: "front" },
      TaskTemplate: {
        ContainerSpec: { Image: "process", Args: ["serve"], Env: ["A=1", "B=2"], User: "kept" },
        RestartPolicy: { Condition: "any", Delay: 5 },
        Placement: { Constraints: ["node.role==worker"], MaxReplicas: 2 },
        ForceUpdate: 3,
      },
      Mode: { Replicated: { Replicas: 2 } },
      UpdateConfig: { Parallelism: 4, Order: "start-first" },
      EndpointSpec: { Mode: "vip" },
    },
  });

  it("is the same when nothing was said", () => {
    expect(changedSpec(spec, NONE)).toEqual(spec);
  });

  it("keeps what the command line does not know", () => {
    const changed = changedSpec(spec, { ...NONE, image: "next", updateDelay: 1, restartDelay: 1 });
    expect(changed).toMatchObject({
      TaskTemplate: {
        ContainerSpec: { Image: "next", Args: ["serve"], User: "kept" },
        RestartPolicy: { Condition: "any", Delay: 1_000_000_000 },
        Placement: { MaxReplicas: 2 },
        ForceUpdate: 3,
      },
      UpdateConfig: { Parallelism: 4, Order: "start-first", Delay: 1_000_000_000 },
      EndpointSpec: { Mode: "vip" },
    });
  });

  it("replaces the variables that were named, and keeps the others", () => {
    const changed = changedSpec(spec, { ...NONE, env: ["A=9", "C"] });
    expect(changed).toMatchObject({
      TaskTemplate: { ContainerSpec: { Env: ["B=2", "A=9", "C"] } },
    });
  });

  it("adds labels, and replaces constraints", () => {
    const flags = { ...NONE, label: ["zone=a"], constraint: ["node.id==x"] };
    expect(changedSpec(spec, flags)).toMatchObject({
      Labels: { tier: "front", zone: "a" },
      TaskTemplate: { Placement: { Constraints: ["node.id==x"], MaxReplicas: 2 } },
    });
  });

  it("splits new arguments at blanks, none included", () => {
    const argsOf = (args: string): unknown =>
      (changedSpec(spec, { ...NONE, args })["TaskTemplate"] as typeof spec.TaskTemplate)
        .ContainerSpec.Args;
    expect(argsOf("  serve  --port 80 ")).toEqual(["serve", "--port", "80"]);
    expect(argsOf("")).toEqual([]);
  });

  it("replaces all tasks when forced, and changes the count when told", () => {
    const changed = changedSpec(spec, { ...NONE, force: true, replicas: 0 });
    expect(changed).toMatchObject({
      TaskTemplate: { ForceUpdate: 4 },
      Mode: { Replicated: { Replicas: 0 } },
    });
  });
});
