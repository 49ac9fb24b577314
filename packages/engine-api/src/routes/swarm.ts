import { z } from "zod";
import { EngineApiError, unimplemented } from "../errors.ts";
import { readJson } from "../http/body.ts";
import { empty, type Exchange, json, type Reply } from "../http/exchange.ts";
import { booleanParameter, strictBooleanParameter, versionParameter } from "../http/query.ts";
import {
  DATA_PATH_PORT,
  fromSwarmSpec,
  requireDefaultSettings,
  SUBNET_SIZE,
  swarmSpecSchema,
  toClusterInfo,
} from "../mapping/cluster.ts";
import {
  parseRequest,
  refuseUnsupported,
  stringList,
  wholeNumber,
} from "../mapping/request-shape.ts";
import { requireControl } from "./control.ts";
import type { Router } from "./router.ts";

const availability = z
  .string()
  .default("")
  .transform((text, context) => {
    if (text === "") return "active";
    if (text === "active" || text === "pause" || text === "drain") return text;
    context.addIssue(`invalid Availability: "${text}"`);
    return z.NEVER;
  });

const initSchema = z.looseObject({
  ListenAddr: z.string().default(""),
  AdvertiseAddr: z.string().default(""),
  ForceNewCluster: z.boolean().default(false),
  Availability: availability,
  Spec: swarmSpecSchema.optional(),
  DataPathPort: wholeNumber.default(0),
  SubnetSize: wholeNumber.default(0),
});

const joinSchema = z.looseObject({
  ListenAddr: z.string().default(""),
  AdvertiseAddr: z.string().default(""),
  RemoteAddrs: stringList.default([]),
  JoinToken: z.string().default(""),
  Availability: availability,
});

/** This node's membership, and the swarm's own settings. */
export function addSwarmRoutes(router: Router): void {
  router.on("POST", "/swarm/init", init);
  router.on("POST", "/swarm/join", join);
  router.on("POST", "/swarm/leave", leave);
  router.on("GET", "/swarm", inspect);
  router.on("POST", "/swarm/update", update);
  router.on("GET", "/swarm/unlockkey", ({ ports }) => {
    requireControl(ports);
    return json({ UnlockKey: "" });
  });
  router.on("POST", "/swarm/unlock", () => {
    throw new EngineApiError(409, "swarm is not locked");
  });
}

async function init({ ports, request }: Exchange): Promise<Reply> {
  const body = parseRequest(initSchema, await readJson(request));
  refuseUnsupported(body, ["AutoLockManagers", "DataPathAddr", "DefaultAddrPool"], "swarm init");
  if (body.DataPathPort !== 0 && body.DataPathPort !== DATA_PATH_PORT) {
    throw unimplemented("swarm init: DataPathPort is not supported: there are no networks");
  }
  if (body.SubnetSize !== 0 && body.SubnetSize !== SUBNET_SIZE) {
    throw unimplemented("swarm init: SubnetSize is not supported: there are no networks");
  }
  if (body.Spec !== undefined) requireDefaultSettings(body.Spec);
  const nodeId = await ports.swarm.init({
    listenAddress: body.ListenAddr,
    advertiseAddress: body.AdvertiseAddr,
    availability: body.Availability,
    forceNewCluster: body.ForceNewCluster,
  });
  return json(nodeId);
}

async function join({ ports, request }: Exchange): Promise<Reply> {
  const body = parseRequest(joinSchema, await readJson(request));
  refuseUnsupported(body, ["DataPathAddr"], "swarm join");
  if (body.RemoteAddrs.length === 0) {
    throw new EngineApiError(400, "at least 1 RemoteAddr is required to join");
  }
  await ports.swarm.join({
    listenAddress: body.ListenAddr,
    advertiseAddress: body.AdvertiseAddr,
    remoteAddresses: body.RemoteAddrs,
    joinToken: body.JoinToken,
    availability: body.Availability,
  });
  return empty();
}

async function leave({ ports, query }: Exchange): Promise<Reply> {
  await ports.swarm.leave({ force: booleanParameter(query, "force") });
  return empty();
}

async function inspect({ ports }: Exchange): Promise<Reply> {
  const cluster = await requireControl(ports).getCluster();
  const tokens = await ports.swarm.joinTokens();
  return json({
    ...toClusterInfo(cluster),
    JoinTokens: { Worker: tokens.worker, Manager: tokens.manager },
  });
}

async function update({ ports, request, query }: Exchange): Promise<Reply> {
  const control = requireControl(ports);
  const version = versionParameter(query, "swarm");
  const rotate = {
    workerToken: strictBooleanParameter(query, "rotateWorkerToken"),
    managerToken: strictBooleanParameter(query, "rotateManagerToken"),
  };
  if (strictBooleanParameter(query, "rotateManagerUnlockKey")) {
    throw unimplemented("autolock is not supported: there is no unlock key");
  }
  const body = parseRequest(swarmSpecSchema, await readJson(request));
  const before = await control.getCluster();
  await control.updateCluster({
    version,
    spec: fromSwarmSpec(body, before.spec),
    rotate,
  });
  return empty();
}
