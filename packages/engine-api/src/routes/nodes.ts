import type { NodeView } from "@waggle/swarm-manager";
import { matchesAny, matchesLabels, parseFilters, requireKnownValues } from "../filters.ts";
import { readJson } from "../http/body.ts";
import { empty, type Exchange, json, type Reply } from "../http/exchange.ts";
import { booleanParameter, versionParameter } from "../http/query.ts";
import { lookUp } from "../lookup.ts";
import { fromNodeSpec, nodeSpecSchema, toNode } from "../mapping/node.ts";
import { parseRequest } from "../mapping/request-shape.ts";
import { requireControl } from "./control.ts";
import type { Router } from "./router.ts";

const filterKeys = ["id", "name", "label", "node.label", "role", "membership"] as const;

/** The machines of the swarm. */
export function addNodeRoutes(router: Router): void {
  router.on("GET", "/nodes", list);
  router.on("GET", "/nodes/:id", async (exchange) => json(toNode(await find(exchange))));
  router.on("POST", "/nodes/:id/update", update);
  router.on("DELETE", "/nodes/:id", async (exchange) => {
    const control = requireControl(exchange.ports);
    const { node } = await find(exchange);
    await control.removeNode({ id: node.id, force: booleanParameter(exchange.query, "force") });
    return empty();
  });
}

/** A node's hostname is its name for people. */
export function lookUpNode(nodes: readonly NodeView[], wanted: string): NodeView {
  return lookUp(nodes, wanted, {
    kind: "node",
    id: ({ node }) => node.id,
    name: ({ node }) => node.description?.hostname ?? "",
  });
}

async function find({ ports, params }: Exchange): Promise<NodeView> {
  return lookUpNode(await requireControl(ports).listNodes(), params["id"] ?? "");
}

async function list({ ports, query }: Exchange): Promise<Reply> {
  const control = requireControl(ports);
  const filters = parseFilters(query, filterKeys);
  requireKnownValues(filters, "role", { known: ["worker", "manager"], label: "role" });
  requireKnownValues(filters, "membership", {
    known: ["accepted", "pending"],
    label: "membership",
  });
  const nodes = (await control.listNodes()).filter(
    ({ node }) =>
      matchesAny(filters, "id", (prefix) => node.id.startsWith(prefix)) &&
      matchesAny(filters, "name", (prefix) =>
        (node.description?.hostname ?? "").startsWith(prefix),
      ) &&
      matchesLabels(filters, "label", node.description?.engine.labels ?? {}) &&
      matchesLabels(filters, "node.label", node.spec.labels) &&
      matchesAny(filters, "role", (role) => node.spec.role === role) &&
      matchesAny(filters, "membership", (membership) => membership === "accepted"),
  );
  return json(nodes.map(toNode));
}

async function update(exchange: Exchange): Promise<Reply> {
  const control = requireControl(exchange.ports);
  const version = versionParameter(exchange.query, "node");
  const spec = fromNodeSpec(parseRequest(nodeSpecSchema, await readJson(exchange.request)));
  const { node } = await find(exchange);
  await control.updateNode({ id: node.id, version, spec });
  return empty();
}
