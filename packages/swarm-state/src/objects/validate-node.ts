import { integer, maybe, oneOf, shape } from "../internal/shape.ts";
import type { Check } from "../internal/shape.ts";
import type { ManagerMembership, Node, NodeDescription, NodeSpec, NodeStatus } from "./node.ts";
import {
  annotationFields,
  labels,
  longText,
  longTexts,
  metaFields,
  resources,
  shortText,
} from "./validate-parts.ts";

export const checkNodeDescription: Check = shape<NodeDescription>({
  hostname: shortText,
  platform: shape<NodeDescription["platform"]>({ os: shortText, architecture: shortText }),
  resources,
  engine: shape<NodeDescription["engine"]>({ version: shortText, labels, executors: longTexts }),
  address: shortText,
});

export const checkNode: Check = shape<Node>({
  ...metaFields,
  kind: oneOf(["node"]),
  spec: shape<NodeSpec>({
    ...annotationFields,
    role: oneOf(["worker", "manager"]),
    availability: oneOf(["active", "pause", "drain"]),
  }),
  description: maybe(checkNodeDescription),
  status: shape<NodeStatus>({
    state: oneOf(["unknown", "down", "ready", "disconnected"]),
    message: longText,
    address: shortText,
  }),
  manager: maybe(shape<ManagerMembership>({ raftId: integer(1), address: shortText })),
});
