import createFindMyWay, { type HTTPMethod } from "find-my-way";
import type { Route } from "../http/exchange.ts";
import { PATH_PARAMETER_LENGTH_MAX } from "../limits.ts";

/** Finds the route of a request. */
export interface Router {
  on(method: HTTPMethod, path: string, route: Route): void;
  find(
    method: string,
    path: string,
  ):
    | { readonly route: Route; readonly params: Readonly<Record<string, string | undefined>> }
    | undefined;
}

export function createRouter(): Router {
  const table = createFindMyWay({ maxParamLength: PATH_PARAMETER_LENGTH_MAX, caseSensitive: true });
  const unused = (): void => undefined;
  return {
    on: (method, path, route) => table.on(method, path, unused, route),
    find: (method, path) => {
      const found = table.find(method as HTTPMethod, path);
      // A name cannot be empty: `/services/` is no service.
      if (found === null || Object.values(found.params).includes("")) return undefined;
      return { route: found.store as Route, params: found.params };
    },
  };
}
