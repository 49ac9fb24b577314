import type { ServiceView } from "@waggle/swarm-manager";
import type { Service, ServiceSpec } from "@waggle/swarm-state";
import { EngineApiError } from "../errors.ts";
import { matchesAny, matchesLabels, parseFilters } from "../filters.ts";
import { speaksAtLeast } from "../http/api-version.ts";
import { readJson } from "../http/body.ts";
import { empty, type Exchange, json, type Reply } from "../http/exchange.ts";
import { strictBooleanParameter, versionParameter } from "../http/query.ts";
import { lookUp } from "../lookup.ts";
import { parseRequest } from "../mapping/request-shape.ts";
import { toService } from "../mapping/service.ts";
import { fromServiceSpec, serviceSpecSchema } from "../mapping/service-spec.ts";
import { randomServiceName } from "../service-names.ts";
import { requireControl } from "./control.ts";
import type { Router } from "./router.ts";

const filterKeys = ["id", "name", "label", "mode", "runtime"] as const;

/** What the swarm runs. */
export function addServiceRoutes(router: Router): void {
  router.on("GET", "/services", list);
  router.on("POST", "/services/create", create);
  router.on("GET", "/services/:id", inspect);
  router.on("POST", "/services/:id/update", update);
  router.on("DELETE", "/services/:id", async (exchange) => {
    const { service } = await findService(exchange);
    await requireControl(exchange.ports).removeService({ id: service.id });
    return empty();
  });
}

export function lookUpService(services: readonly ServiceView[], wanted: string): ServiceView {
  return lookUp(services, wanted, {
    kind: "service",
    id: ({ service }) => service.id,
    name: ({ service }) => service.spec.name,
  });
}

/** The service that the path names. */
export async function findService({ ports, params }: Exchange): Promise<ServiceView> {
  return lookUpService(await requireControl(ports).listServices(), params["id"] ?? "");
}

async function list({ ports, query, version }: Exchange): Promise<Reply> {
  const control = requireControl(ports);
  const filters = parseFilters(query, filterKeys);
  const services = (await control.listServices()).filter(
    ({ service }) =>
      matchesAny(filters, "id", (prefix) => service.id.startsWith(prefix)) &&
      matchesAny(filters, "name", (prefix) => service.spec.name.startsWith(prefix)) &&
      matchesLabels(filters, "label", service.spec.labels) &&
      matchesAny(filters, "mode", (mode) => mode === service.spec.mode.type) &&
      matchesAny(filters, "runtime", (runtime) => runtime === "container"),
  );
  const status = strictBooleanParameter(query, "status") && speaksAtLeast(version, 41);
  return json(services.map((view) => toService(view, { status, insertDefaults: false })));
}

async function inspect(exchange: Exchange): Promise<Reply> {
  const view = await findService(exchange);
  const insertDefaults = strictBooleanParameter(exchange.query, "insertDefaults");
  return json(toService(view, { status: false, insertDefaults }));
}

async function readSpec({ request }: Exchange): Promise<ServiceSpec> {
  return fromServiceSpec(parseRequest(serviceSpecSchema, await readJson(request)));
}

async function create(exchange: Exchange): Promise<Reply> {
  const control = requireControl(exchange.ports);
  const spec = await readSpec(exchange);
  const named = spec.name === "" ? { ...spec, name: randomServiceName() } : spec;
  const service = await control.createService({ spec: named });
  return json({ ID: service.id, Warnings: null }, 201);
}

async function update(exchange: Exchange): Promise<Reply> {
  const control = requireControl(exchange.ports);
  const version = versionParameter(exchange.query, "service");
  const spec = await readSpec(exchange);
  const isRollback = rollbackParameter(exchange.query);
  requireRegistryAuthSource(exchange.query);
  const { service } = await findService(exchange);
  await control.updateService({
    id: service.id,
    version,
    spec: isRollback ? previousSpecOf(service) : spec,
  });
  return json({ Warnings: null });
}

/** Whether the client asks for the spec before, whatever spec it sends along. */
function rollbackParameter(query: URLSearchParams): boolean {
  const rollback = query.get("rollback") ?? "";
  if (rollback === "" || rollback === "none") return false;
  if (rollback === "previous") return true;
  throw new EngineApiError(500, `unrecognized rollback option ${rollback}`);
}

/** Credentials are not kept, so whose they are matters only as far as it must be a word that Docker knows. */
function requireRegistryAuthSource(query: URLSearchParams): void {
  const source = query.get("registryAuthFrom") ?? "";
  if (source === "" || source === "spec" || source === "previous-spec") return;
  throw new EngineApiError(500, "unsupported registryAuthFrom value");
}

/** An update to the spec before is a rollback: the present one becomes the spec before, as in Docker. */
function previousSpecOf(service: Service): ServiceSpec {
  if (service.previousSpec !== undefined) return service.previousSpec;
  throw new EngineApiError(
    400,
    `rpc error: code = FailedPrecondition desc = service ${service.id} does not have a previous spec`,
  );
}
