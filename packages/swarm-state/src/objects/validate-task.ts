import { flag, integer, list, maybe, number, oneOf, shape } from "../internal/shape.ts";
import type { Check } from "../internal/shape.ts";
import { LIST_ITEMS_MAX } from "../limits.ts";
import type { Annotations } from "./meta.ts";
import type { ContainerSpec, LogDriver, Placement, RestartPolicy, TaskSpec } from "./task-spec.ts";
import { TASK_STATES } from "./task.ts";
import type { ContainerStatus, Task, TaskStatus } from "./task.ts";
import {
  amount,
  annotationFields,
  count,
  labels,
  longText,
  longTexts,
  metaFields,
  resources,
  shortText,
} from "./validate-parts.ts";

const checkContainer = shape<ContainerSpec>({
  image: shortText,
  labels,
  command: longTexts,
  args: longTexts,
  hostname: shortText,
  env: longTexts,
  dir: longText,
  user: shortText,
  stopSignal: shortText,
  stopGracePeriodMs: amount,
  tty: flag,
  init: maybe(flag),
  readOnly: flag,
});

const checkPlatform = shape<Placement["platforms"][number]>({
  os: shortText,
  architecture: shortText,
});

export const checkTaskSpec: Check = shape<TaskSpec>({
  container: checkContainer,
  limits: resources,
  reservations: resources,
  restart: shape<RestartPolicy>({
    condition: oneOf(["none", "on-failure", "any"]),
    delayMs: amount,
    maxAttempts: count,
    windowMs: amount,
  }),
  placement: shape<Placement>({
    constraints: longTexts,
    spread: longTexts,
    maxReplicasPerNode: count,
    platforms: list(checkPlatform, LIST_ITEMS_MAX),
  }),
  logDriver: maybe(shape<LogDriver>({ name: shortText, options: labels })),
  forceUpdate: count,
});

export const checkTaskStatus: Check = shape<TaskStatus>({
  state: oneOf(TASK_STATES),
  timestampMs: number(),
  appliedAtMs: number(),
  message: longText,
  error: longText,
  container: maybe(
    shape<ContainerStatus>({
      containerId: shortText,
      pid: integer(Number.MIN_SAFE_INTEGER),
      exitCode: maybe(integer(Number.MIN_SAFE_INTEGER)),
    }),
  ),
});

export const checkTask: Check = shape<Task>({
  ...metaFields,
  kind: oneOf(["task"]),
  serviceId: shortText,
  service: shape<Annotations>(annotationFields),
  slot: count,
  nodeId: shortText,
  spec: checkTaskSpec,
  specVersion: count,
  status: checkTaskStatus,
  desiredState: oneOf(["ready", "running", "shutdown", "remove"]),
  startAfterMs: maybe(number()),
});
