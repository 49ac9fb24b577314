import { describe, expect, test } from "vitest";
import {
  CONTROL_WRITES,
  ControlError,
  createControlApi,
  createForwardingControlApi,
  dispatchControlCall,
  type ControlApi,
  type ForwardingOptions,
} from "../../src/index.ts";
import { createManualClock, settle } from "../support/manual-clock.ts";
import { openStore } from "../support/open-store.ts";
import { createIds, serviceSpec } from "../support/samples.ts";

function openApi(barrier: () => Promise<void> = () => Promise.resolve()): ControlApi {
  return createControlApi({
    store: openStore(),
    barrier,
    managers: () => new Map(),
    membership: { canRemoveManager: () => true },
    newId: createIds(),
  });
}

/** A follower whose calls go through JSON to `leader`, as over a network. */
function forward(leader: ControlApi, change: Partial<ForwardingOptions> = {}) {
  const clock = createManualClock();
  const calls: string[] = [];
  const api = createForwardingControlApi({
    local: openApi(),
    isLeader: () => false,
    clock,
    call: async (method, params) => {
      calls.push(method);
      try {
        const result = await dispatchControlCall(
          leader,
          method,
          JSON.parse(JSON.stringify(params)),
        );
        return JSON.parse(JSON.stringify(result ?? null)) as unknown;
      } catch (error) {
        throw ControlError.fromJSON(JSON.parse(JSON.stringify(error)));
      }
    },
    ...change,
  });
  return { api, clock, calls };
}

describe("a follower", () => {
  test("has the leader carry writes out, and fails as the leader does", async () => {
    const leader = openApi();
    const { api, calls } = forward(leader);
    const service = await api.createService({ spec: serviceSpec() });
    expect((await leader.getService(service.id)).service).toEqual(service);
    await expect(api.createService({ spec: serviceSpec() })).rejects.toMatchObject({
      name: "ControlError",
      code: "already-exists",
      message: "name conflicts with an existing object: service web already exists",
    });
    await api.removeService({ id: service.id });
    expect(calls).toEqual(["createService", "createService", "removeService"]);
  });

  test("tries again as soon as it is known who leads", async () => {
    const leader = openApi();
    const listeners = new Set<() => void>();
    let isKnown = false;
    const { api, clock } = forward(leader, {
      call: (method, params) =>
        isKnown
          ? dispatchControlCall(leader, method, params)
          : Promise.reject(new ControlError("no-leader", "nobody leads")),
      onLeaderChanged: (changed) => {
        listeners.add(changed);
        return () => listeners.delete(changed);
      },
    });
    const creating = api.createService({ spec: serviceSpec() });
    await settle();
    isKnown = true;
    for (const changed of listeners) changed();
    expect((await creating).spec.name).toBe("web");
    expect(clock.timers).toBe(0);
    expect(listeners.size).toBe(0);
  });

  test("does not try again what fails because it is no manager any more", async () => {
    const gone = new ControlError("unavailable", "this manager has stopped");
    let isOver = false;
    const { api, clock } = forward(openApi(), {
      local: openApi(() => Promise.reject(gone)),
      isOver: () => isOver,
    });
    const reading = api.listServices();
    const outcome = expect(reading).rejects.toMatchObject({ code: "unavailable" });
    await settle();
    isOver = true;
    await clock.advance(25);
    await outcome;
    expect(clock.timers).toBe(0);
  });

  test("answers reads itself", async () => {
    const { api, calls } = forward(openApi());
    expect(await api.listServices()).toEqual([]);
    expect(calls).toEqual([]);
  });

  test("tries again while leadership moves and nothing was done", async () => {
    let attempts = 0;
    const { api, clock } = forward(openApi(), {
      call: () => {
        attempts += 1;
        const code = attempts < 4 ? "no-leader" : "not-found";
        return Promise.reject(new ControlError(code, "x"));
      },
    });
    const outcome = expect(api.removeService({ id: "x" })).rejects.toMatchObject({
      code: "not-found",
    });
    await clock.advance(1_000);
    await outcome;
    expect(attempts).toBe(4);
    expect(clock.timers).toBe(0);
  });

  test("gives up at the deadline with the last reason, and aborts the call", async () => {
    let aborted = false;
    let attempts = 0;
    const { api, clock } = forward(openApi(), {
      retryForMs: 1_000,
      call: (_method, _params, { signal }) => {
        attempts += 1;
        if (attempts < 2) return Promise.reject(new ControlError("unavailable", "no way"));
        return new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            aborted = true;
            reject(new ControlError("unknown-outcome", "too late"));
          });
        });
      },
    });
    const outcome = expect(api.removeService({ id: "x" })).rejects.toMatchObject({
      code: "unknown-outcome",
    });
    await clock.advance(1_000);
    await outcome;
    expect(aborted).toBe(true);
  });

  test("never repeats what may have happened", async () => {
    let attempts = 0;
    const { api } = forward(openApi(), {
      call: () => {
        attempts += 1;
        return Promise.reject(new ControlError("unknown-outcome", "who knows"));
      },
    });
    await expect(api.removeService({ id: "x" })).rejects.toMatchObject({ code: "unknown-outcome" });
    expect(attempts).toBe(1);
  });

  test("carries writes out itself once it leads", async () => {
    const local = openApi();
    let leads = false;
    const { api, clock } = forward(openApi(), {
      local,
      isLeader: () => leads,
      call: () => Promise.reject(new ControlError("no-leader", "x")),
    });
    const created = api.createService({ spec: serviceSpec() });
    await settle();
    leads = true;
    await clock.advance(100);
    expect((await local.listServices())[0]?.service.id).toBe((await created).id);
  });
});

describe("the leader's side of a forwarded call", () => {
  test("refuses names that are none", async () => {
    for (const method of ["listNodes", "constructor", "__proto__", "x".repeat(1e5)]) {
      await expect(dispatchControlCall(openApi(), method, {})).rejects.toMatchObject({
        code: "unimplemented",
      });
    }
  });

  test("refuses parameters that are none, whatever the method", async () => {
    for (const method of CONTROL_WRITES) {
      for (const params of [undefined, null, 1, "x", [], {}, { id: 1 }, { spec: null }]) {
        await expect(dispatchControlCall(openApi(), method, params)).rejects.toMatchObject({
          code: "invalid-argument",
        });
      }
    }
  });

  test("bounds what it takes and drops what it does not know", async () => {
    const leader = openApi();
    const spec = { ...serviceSpec(), more: 1 };
    await dispatchControlCall(leader, "createService", { spec, extra: true });
    expect(Object.keys((await leader.listServices())[0]!.service.spec)).not.toContain("more");
    const long = { ...spec, labels: { a: "x".repeat(200_000) } };
    await expect(
      dispatchControlCall(leader, "createService", { spec: long }),
    ).rejects.toMatchObject({ code: "invalid-argument" });
  });
});

test("an error that cannot be read means that the outcome is unknown", () => {
  for (const data of [undefined, null, 1, {}, { code: "odd", message: "x" }]) {
    expect(ControlError.fromJSON(data).code).toBe("unknown-outcome");
  }
  const error = new ControlError("not-found", "gone");
  expect(ControlError.fromJSON(JSON.parse(JSON.stringify(error)))).toMatchObject({
    code: "not-found",
    message: "gone",
  });
});
