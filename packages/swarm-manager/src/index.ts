export type {
  ControlApi,
  JoinRequest,
  ManagerView,
  NodeView,
  ServiceView,
} from "./control/control-api.ts";
