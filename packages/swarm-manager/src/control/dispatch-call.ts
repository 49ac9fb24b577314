import { flag, integer, ReadError, record, type Read } from "../internal/read.ts";
import type { ControlApi } from "./control-api.ts";
import { CONTROL_WRITES, type ControlWrite } from "./control-methods.ts";
import { ControlError } from "./errors.ts";
import { readClusterSpec, readId, readNodeSpec, readServiceSpec } from "./read-params.ts";

type Parameters1<K extends ControlWrite> = Parameters<ControlApi[K]>[0];

/**
 * The leader's side of a forwarded call: checks name and parameters wholly, then runs the method on `api` (the leader's
 * own, from `createControlApi`, so that a call never travels on). Parameters are bounded by `limits.ts`.
 * @throws ControlError `unimplemented` for an unknown method, `invalid-argument` for parameters that are none; else what
 * the method throws.
 */
export async function dispatchControlCall(
  api: ControlApi,
  method: string,
  params: unknown,
): Promise<unknown> {
  const known = CONTROL_WRITES.find((name) => name === method);
  if (known === undefined) {
    throw new ControlError("unimplemented", `no such control method: ${method.slice(0, 64)}`);
  }
  return handlers[known](api, params);
}

const handlers: Readonly<
  Record<ControlWrite, (api: ControlApi, params: unknown) => Promise<unknown>>
> = {
  updateCluster: handler<"updateCluster">("updateCluster", {
    version: integer,
    spec: readClusterSpec,
    rotate: record<Parameters1<"updateCluster">["rotate"]>({
      workerToken: flag,
      managerToken: flag,
    }),
  }),
  updateNode: handler<"updateNode">("updateNode", {
    id: readId,
    version: integer,
    spec: readNodeSpec,
  }),
  removeNode: handler<"removeNode">("removeNode", { id: readId, force: flag }),
  createService: handler<"createService">("createService", { spec: readServiceSpec }),
  updateService: handler<"updateService">("updateService", {
    id: readId,
    version: integer,
    spec: readServiceSpec,
  }),
  removeService: handler<"removeService">("removeService", { id: readId }),
};

function handler<K extends ControlWrite>(
  method: K,
  fields: { readonly [F in keyof Parameters1<K>]-?: Read<Parameters1<K>[F]> },
): (api: ControlApi, params: unknown) => Promise<unknown> {
  const read = record<Parameters1<K>>(fields);
  return (api, params) => {
    const run = api[method] as (request: Parameters1<K>) => Promise<unknown>;
    return run(readParams(read, method, params));
  };
}

function readParams<T>(read: Read<T>, method: string, params: unknown): T {
  try {
    return read(params, method);
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    throw new ControlError("invalid-argument", error.message, { cause: error });
  }
}
