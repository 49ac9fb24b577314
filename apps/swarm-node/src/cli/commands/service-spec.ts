import type { ApiService } from "../api-types.ts";

const NANOSECONDS_PER_SECOND = 1e9;

/** The flags of `service create` and `service update`; times in seconds. */
export interface ServiceFlags {
  readonly name?: string;
  readonly replicas?: number;
  readonly env: readonly string[];
  readonly label: readonly string[];
  readonly constraint: readonly string[];
  readonly workdir?: string;
  readonly restartCondition?: string;
  readonly restartDelay?: number;
  readonly restartMaxAttempts?: number;
  readonly stopGracePeriod?: number;
  readonly stopSignal?: string;
  readonly updateParallelism?: number;
  readonly updateDelay?: number;
  readonly args?: string;
  readonly image?: string;
  readonly force?: boolean;
}

type Json = Record<string, unknown>;

/** The Engine API's ServiceSpec for a new service. */
export function newSpec(image: string, args: readonly string[], flags: ServiceFlags): Json {
  return {
    Name: flags.name ?? "",
    Labels: pairs(flags.label),
    TaskTemplate: {
      ContainerSpec: { Image: image, Args: args, ...containerFields(flags) },
      ...taskFields(flags, {}),
    },
    Mode: { Replicated: { Replicas: flags.replicas ?? 1 } },
    ...updateFields(flags, {}),
  };
}

/** A service's spec with what the flags name changed, and all else as it was. */
export function changedSpec(spec: ApiService["Spec"], flags: ServiceFlags): Json {
  const template = spec.TaskTemplate;
  const container = template.ContainerSpec;
  return {
    ...spec,
    Labels: { ...spec.Labels, ...pairs(flags.label) },
    TaskTemplate: {
      ...template,
      ...taskFields(flags, template),
      ForceUpdate: template.ForceUpdate + (flags.force === true ? 1 : 0),
      ContainerSpec: {
        ...container,
        ...containerFields({ ...flags, env: mergedEnv(container.Env ?? [], flags.env) }),
        ...(flags.image === undefined ? {} : { Image: flags.image }),
        ...(flags.args === undefined ? {} : { Args: flags.args.split(/\s+/).filter(Boolean) }),
      },
    },
    ...(flags.replicas === undefined ? {} : { Mode: { Replicated: { Replicas: flags.replicas } } }),
    ...updateFields(flags, spec),
  };
}

function containerFields(flags: ServiceFlags): Json {
  return present({
    Env: flags.env.length === 0 ? undefined : flags.env,
    Dir: flags.workdir,
    StopSignal: flags.stopSignal,
    StopGracePeriod: nanoseconds(flags.stopGracePeriod),
  });
}

function taskFields(flags: ServiceFlags, before: Json): Json {
  const restart = present({
    Condition: flags.restartCondition,
    Delay: nanoseconds(flags.restartDelay),
    MaxAttempts: flags.restartMaxAttempts,
  });
  return present({
    RestartPolicy: merged(before["RestartPolicy"], restart),
    Placement: merged(
      before["Placement"],
      present({ Constraints: flags.constraint.length === 0 ? undefined : flags.constraint }),
    ),
  });
}

function updateFields(flags: ServiceFlags, before: Json): Json {
  const update = present({
    Parallelism: flags.updateParallelism,
    Delay: nanoseconds(flags.updateDelay),
  });
  // Docker reads an absent parallelism as "all at once"; one at a time is what people expect.
  const base = before["UpdateConfig"] ?? { Parallelism: 1 };
  return Object.keys(update).length === 0 ? {} : { UpdateConfig: merged(base, update) };
}

function merged(before: unknown, changes: Json): Json | undefined {
  if (Object.keys(changes).length === 0) return before as Json | undefined;
  return { ...(before as Json | undefined), ...changes };
}

function mergedEnv(before: readonly string[], added: readonly string[]): readonly string[] {
  const keyOf = (entry: string): string => entry.split("=", 1)[0] ?? entry;
  const replaced = new Set(added.map(keyOf));
  return [...before.filter((entry) => !replaced.has(keyOf(entry))), ...added];
}

function pairs(labels: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    labels.map((label) => {
      const [key = "", ...value] = label.split("=");
      return [key, value.join("=")];
    }),
  );
}

function nanoseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * NANOSECONDS_PER_SECOND);
}

function present(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
