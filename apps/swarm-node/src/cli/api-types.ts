import { z } from "zod";

/*
 * What the command line reads of the Engine API's answers. Fields that it passes through unchanged are kept
 * (`looseObject`), so that inspect shows and update sends back all there is.
 */

const meta = { ID: z.string(), Version: z.object({ Index: z.number().default(0) }) };

export const nodeSchema = z.looseObject({
  ...meta,
  Spec: z.looseObject({
    Name: z.string().optional(),
    Labels: z.record(z.string(), z.string()).nullish(),
    Role: z.string(),
    Availability: z.string(),
  }),
  Description: z.looseObject({ Hostname: z.string().default("") }).optional(),
  Status: z.looseObject({
    State: z.string(),
    Message: z.string().optional(),
    Addr: z.string().optional(),
  }),
  ManagerStatus: z
    .looseObject({
      Leader: z.boolean().optional(),
      Learner: z.boolean().optional(),
      Reachability: z.string(),
      Addr: z.string().optional(),
    })
    .optional(),
});
export type ApiNode = z.output<typeof nodeSchema>;

const serviceSpecSchema = z.looseObject({
  Name: z.string(),
  Labels: z.record(z.string(), z.string()).nullish(),
  TaskTemplate: z.looseObject({
    ContainerSpec: z.looseObject({
      Image: z.string(),
      Command: z.array(z.string()).nullish(),
      Args: z.array(z.string()).nullish(),
      Env: z.array(z.string()).nullish(),
    }),
    ForceUpdate: z.number().default(0),
  }),
  Mode: z.looseObject({
    Replicated: z.looseObject({ Replicas: z.number().default(1) }).optional(),
  }),
});

export const serviceSchema = z.looseObject({
  ...meta,
  CreatedAt: z.string().optional(),
  UpdatedAt: z.string().optional(),
  Spec: serviceSpecSchema,
  UpdateStatus: z.looseObject({ State: z.string(), Message: z.string().optional() }).optional(),
  ServiceStatus: z.looseObject({ RunningTasks: z.number(), DesiredTasks: z.number() }).optional(),
});
export type ApiService = z.output<typeof serviceSchema>;

export const taskSchema = z.looseObject({
  ...meta,
  ServiceID: z.string(),
  Slot: z.number().default(0),
  NodeID: z.string().default(""),
  DesiredState: z.string(),
  Spec: z.looseObject({ ContainerSpec: z.looseObject({ Image: z.string() }) }),
  Status: z.looseObject({
    Timestamp: z.string(),
    State: z.string(),
    Message: z.string().optional(),
    Err: z.string().optional(),
    ContainerStatus: z
      .looseObject({ PID: z.number().optional(), ExitCode: z.number().optional() })
      .nullish(),
  }),
});
export type ApiTask = z.output<typeof taskSchema>;

export const infoSchema = z.looseObject({
  Name: z.string().optional(),
  ServerVersion: z.string().optional(),
  Swarm: z.looseObject({
    NodeID: z.string(),
    NodeAddr: z.string().optional(),
    LocalNodeState: z.string(),
    ControlAvailable: z.boolean(),
    Error: z.string().optional(),
    RemoteManagers: z.array(z.object({ NodeID: z.string(), Addr: z.string() })).nullish(),
    Raft: z
      .looseObject({
        Role: z.string(),
        Term: z.number(),
        Voters: z.number(),
        Learners: z.number(),
        PreVote: z.boolean(),
        CheckQuorum: z.boolean(),
      })
      .optional(),
    Nodes: z.number().optional(),
    Managers: z.number().optional(),
  }),
});

export const swarmSchema = z.looseObject({
  ...meta,
  Spec: z.looseObject({}),
  JoinTokens: z.object({ Worker: z.string(), Manager: z.string() }),
});

export const createdSchema = z.object({ ID: z.string() });
export const nothing = z.unknown();
