import { flag, isPlain, list, maybe, number, oneOf, shape, ShapeError } from "../internal/shape.ts";
import type { Check } from "../internal/shape.ts";
import { SESSION_ITEMS_MAX } from "../limits.ts";
import type { ObjectMeta } from "../objects/meta.ts";
import { checkNodeDescription } from "../objects/validate-node.ts";
import { checkId, count, longText, shortText } from "../objects/validate-parts.ts";
import { checkTask, checkTaskStatus } from "../objects/validate-task.ts";
import type {
  AgentMessage,
  AssignmentsComplete,
  AssignmentsIncremental,
  DescriptionReport,
  DispatcherMessage,
  ManagerPeer,
  ManagersChanged,
  SessionAccepted,
  SessionBye,
  SessionHello,
  SessionRefused,
  StatusAcknowledged,
  StatusReport,
} from "./messages.ts";

const checkPeer = shape<ManagerPeer>({ nodeId: checkId, address: shortText });
const checkMeta = shape<ObjectMeta>({
  id: checkId,
  version: count,
  createdAtMs: number(),
  updatedAtMs: number(),
});
const peers = list(checkPeer, SESSION_ITEMS_MAX);
/** A task that is sent has come out of the store, so version and times are there. */
const tasks = list((value, path) => {
  checkTask(value, path);
  checkMeta(value, path);
}, SESSION_ITEMS_MAX);

const agentChecks: Readonly<Record<AgentMessage["type"], Check>> = {
  hello: shape<SessionHello>({
    type: oneOf(["hello"]),
    nodeId: checkId,
    description: checkNodeDescription,
  }),
  status: shape<StatusReport>({
    type: oneOf(["status"]),
    sequence: count,
    statuses: list(
      shape<StatusReport["statuses"][number]>({ taskId: checkId, status: checkTaskStatus }),
      SESSION_ITEMS_MAX,
    ),
  }),
  description: shape<DescriptionReport>({
    type: oneOf(["description"]),
    description: checkNodeDescription,
  }),
  bye: shape<SessionBye>({ type: oneOf(["bye"]) }),
};

const checkComplete = shape<AssignmentsComplete>({
  type: oneOf(["assignments"]),
  mode: oneOf(["complete"]),
  tasks,
  more: maybe(flag),
});

const checkIncremental = shape<AssignmentsIncremental>({
  type: oneOf(["assignments"]),
  mode: oneOf(["incremental"]),
  tasks,
  removedTaskIds: list(checkId, SESSION_ITEMS_MAX),
});

const dispatcherChecks: Readonly<Record<DispatcherMessage["type"], Check>> = {
  accepted: shape<SessionAccepted>({
    type: oneOf(["accepted"]),
    sessionId: shortText,
    managers: peers,
  }),
  refused: shape<SessionRefused>({ type: oneOf(["refused"]), fatal: flag, reason: longText }),
  assignments: (value, path) => {
    const complete = isPlain(value) && value["mode"] === "complete";
    (complete ? checkComplete : checkIncremental)(value, path);
  },
  "status-acknowledged": shape<StatusAcknowledged>({
    type: oneOf(["status-acknowledged"]),
    sequence: count,
  }),
  managers: shape<ManagersChanged>({ type: oneOf(["managers"]), managers: peers }),
};

/** Throws a ShapeError that names the wrong field. */
export function validateAgentMessage(value: unknown): asserts value is AgentMessage {
  checkByType(value, new Map(Object.entries(agentChecks)));
}

/** Throws a ShapeError that names the wrong field. */
export function validateDispatcherMessage(value: unknown): asserts value is DispatcherMessage {
  checkByType(value, new Map(Object.entries(dispatcherChecks)));
}

function checkByType(value: unknown, checks: ReadonlyMap<unknown, Check>): void {
  const check = isPlain(value) ? checks.get(value["type"]) : undefined;
  if (check === undefined) throw new ShapeError("type: expected a known kind of message");
  check(value, "");
}
