import { EngineApiError, unimplemented } from "../errors.ts";
import { json, type Reply } from "../http/exchange.ts";
import { requireControl } from "./control.ts";
import type { Router } from "./router.ts";

/**
 * Objects of a container engine, and of a swarm with networks, that this one has none of. Their lists are empty and
 * their names unknown, so that commands which look through everything (`docker ps`, `docker inspect`, `docker stack ls`)
 * work; making one is refused in words.
 */
export function addForeignRoutes(router: Router): void {
  addLists(router);
  addLookUps(router);
  addRefusals(router);
}

function addLists(router: Router): void {
  for (const path of ["/containers/json", "/images/json", "/networks", "/networks/", "/plugins"]) {
    router.on("GET", path, () => json([]));
  }
  for (const path of ["/secrets", "/configs"]) {
    router.on("GET", path, ({ ports }) => {
      requireControl(ports);
      return json([]);
    });
  }
  router.on("GET", "/volumes", () => json({ Volumes: [], Warnings: null }));
  router.on("GET", "/system/df", () =>
    json({ LayersSize: 0, Images: [], Containers: [], Volumes: [], BuildCache: [] }),
  );
}

/** Names of networks, images and plugins may hold slashes. */
function addLookUps(router: Router): void {
  for (const kind of ["secret", "config"]) {
    router.on("GET", `/${kind}s/:id`, ({ ports, params }) => {
      requireControl(ports);
      return notFound(`${kind} ${params["id"] ?? ""} not found`);
    });
  }
  router.on("GET", "/networks/*", ({ params }) =>
    notFound(`network ${params["*"] ?? ""} not found`),
  );
  router.on("GET", "/volumes/:id", ({ params }) =>
    notFound(`get ${params["id"] ?? ""}: no such volume`),
  );
  router.on("GET", "/containers/:id/json", ({ params }) =>
    notFound(`No such container: ${params["id"] ?? ""}`),
  );
  router.on("GET", "/images/*", ({ params }) =>
    notFound(`No such image: ${withTag(inspectedName(params["*"]))}`),
  );
  router.on("GET", "/plugins/*", ({ params }) =>
    notFound(`plugin "${inspectedName(params["*"])}" not found`),
  );
  router.on("GET", "/distribution/*", () =>
    notFound("this node has no container engine and looks up no images; the name is kept as it is"),
  );
}

function addRefusals(router: Router): void {
  const refused = {
    "/networks/create": "networks are not supported",
    "/secrets/create": "secrets are not supported",
    "/configs/create": "configs are not supported",
    "/containers/create": "single containers are not supported: create a service",
    "/images/create": "images are not supported: this node has no container engine",
  };
  for (const [path, text] of Object.entries(refused)) {
    router.on("POST", path, () => {
      throw unimplemented(text);
    });
  }
}

function inspectedName(path: string | undefined): string {
  const name = /^(.+)\/json$/.exec(path ?? "")?.[1];
  if (name === undefined) throw new EngineApiError(404, "page not found");
  return name;
}

function withTag(image: string): string {
  return /[:@][^/]*$/.test(image) ? image : `${image}:latest`;
}

function notFound(message: string): Reply {
  throw new EngineApiError(404, message);
}
