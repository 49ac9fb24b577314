import { EngineApiError } from "../errors.ts";
import { json, type Reply } from "../http/exchange.ts";
import type { Router } from "./router.ts";

/**
 * Objects of a container engine that a swarm of processes has none of. Their lists are empty, so that commands which
 * look through everything (`docker ps`, `docker inspect`, `docker stack ls`) work.
 */
export function addForeignRoutes(router: Router): void {
  for (const path of [
    "/containers/json",
    "/images/json",
    "/networks",
    "/secrets",
    "/configs",
    "/plugins",
  ]) {
    router.on("GET", path, () => json([]));
  }
  router.on("GET", "/volumes", () => json({ Volumes: [], Warnings: null }));
  router.on("GET", "/networks/:id", ({ params }) => notFound("network", params["id"]));
  router.on("GET", "/secrets/:id", ({ params }) => notFound("secret", params["id"]));
  router.on("GET", "/configs/:id", ({ params }) => notFound("config", params["id"]));
  router.on("GET", "/volumes/:id", ({ params }) => notFound("volume", params["id"]));
  router.on("GET", "/containers/:id/json", ({ params }) => notFound("container", params["id"]));
  router.on("GET", "/images/:id/json", ({ params }) => notFound("image", params["id"]));
  router.on("GET", "/distribution/*", () => {
    throw new EngineApiError(
      404,
      "this node has no container engine and looks up no images; the image name is kept as it is",
    );
  });
}

function notFound(kind: string, name: string | undefined): Reply {
  throw new EngineApiError(404, `${kind} ${name ?? ""} not found`);
}
