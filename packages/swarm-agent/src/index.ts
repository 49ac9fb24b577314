export { createAgent } from "./agent.ts";
export { createSystemClock } from "./clock.ts";
export { AgentError, ExecutorError, isAgentError, isExecutorError } from "./errors.ts";

export type { Agent, AgentStopOptions } from "./agent.ts";
export type { AgentClock, AgentTimer } from "./clock.ts";
export type { AgentErrorCode, ExecutorErrorCode } from "./errors.ts";
export type {
  AgentEvent,
  AgentListener,
  AgentLogger,
  ManagersChangedEvent,
  SessionLostEvent,
  SessionOpenedEvent,
  SessionRefusedEvent,
  TaskRemovedEvent,
  TaskStatusEvent,
} from "./events.ts";
export type { Controller, Executor, LogLine, LogOptions, StepOptions } from "./executor.ts";
export type { AgentOptions } from "./options.ts";
export type { DialManager, SessionConnection } from "./session/connection.ts";
