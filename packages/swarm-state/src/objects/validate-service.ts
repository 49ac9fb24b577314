import { integer, list, matching, maybe, number, oneOf, shape } from "../internal/shape.ts";
import type { Check } from "../internal/shape.ts";
import { LIST_ITEMS_MAX } from "../limits.ts";
import type {
  EndpointSpec,
  PortConfig,
  Service,
  ServiceMode,
  ServiceSpec,
  UpdateConfig,
  UpdateStatus,
} from "./service.ts";
import {
  amount,
  annotationFields,
  count,
  longText,
  metaFields,
  shortText,
} from "./validate-parts.ts";
import { checkTaskSpec } from "./validate-task.ts";

const checkUpdateConfig = shape<UpdateConfig>({
  parallelism: count,
  delayMs: amount,
  failureAction: oneOf(["pause", "continue", "rollback"]),
  monitorMs: amount,
  maxFailureRatio: number(0, 1),
  order: oneOf(["stop-first", "start-first"]),
});

const checkPort = shape<PortConfig>({
  name: shortText,
  protocol: oneOf(["tcp", "udp", "sctp"]),
  targetPort: integer(0, 65_535),
  publishedPort: integer(0, 65_535),
  publishMode: oneOf(["ingress", "host"]),
});

const checkServiceSpec = shape<ServiceSpec>({
  ...annotationFields,
  name: matching(/^.{1,1024}$/s, "a name"),
  task: checkTaskSpec,
  mode: shape<ServiceMode>({ type: oneOf(["replicated"]), replicas: count }),
  update: maybe(checkUpdateConfig),
  rollback: maybe(checkUpdateConfig),
  endpoint: maybe(
    shape<EndpointSpec>({ mode: oneOf(["vip", "dnsrr"]), ports: list(checkPort, LIST_ITEMS_MAX) }),
  ),
});

const checkUpdateStatus = shape<UpdateStatus>({
  state: oneOf([
    "updating",
    "paused",
    "completed",
    "rollback-started",
    "rollback-paused",
    "rollback-completed",
  ]),
  startedAtMs: number(),
  completedAtMs: maybe(number()),
  message: longText,
});

export const checkService: Check = shape<Service>({
  ...metaFields,
  kind: oneOf(["service"]),
  spec: checkServiceSpec,
  specVersion: count,
  previousSpec: maybe(checkServiceSpec),
  previousSpecVersion: maybe(count),
  updateStatus: maybe(checkUpdateStatus),
});
