import {
  createHistory,
  createPacketSimulator,
  createRandom,
  createScheduler,
  type History,
  type NetworkFaults,
  type Random,
  type Scheduler,
} from "@waggle/simkit";
import {
  createSwim,
  type Address,
  type CoreEvent,
  type Effect,
  type MemberEvent,
  type MemberState,
  type SwimConfig,
  type SwimCore,
  type SwimPreset,
} from "../../src/index.ts";

export interface ClusterOptions {
  readonly seed: number;
  readonly preset?: SwimPreset;
  readonly config?: Partial<SwimConfig>;
  readonly faults?: Partial<NetworkFaults>;
  /** Sees every event at the node where it happens. */
  readonly onEvent?: (at: string, event: MemberEvent | CoreEvent) => void;
  /** Lines of the history kept; default 20 000. */
  readonly linesMax?: number;
}

interface Frame {
  readonly kind: "request" | "reply";
  readonly exchange: number;
  readonly bytes: Uint8Array;
}

interface SimulatedNode {
  readonly name: string;
  core: SwimCore | undefined;
  /** Rises with every crash and restart: what belongs to an earlier life is dropped. */
  life: number;
  /** Inputs held back while the node stands still; timers come first when it goes on, as in an event loop. */
  held: { readonly timers: (() => void)[]; readonly arrivals: (() => void)[] } | undefined;
}

export type Cluster = ReturnType<typeof createCluster>;

export const addressOf = (name: string): Address => ({ host: name, port: 7946 });

/** Cores of one cluster on a simulated network; streams are reliable but obey the same cuts. */
export function createCluster(options: ClusterOptions) {
  const random: Random = createRandom(options.seed);
  const scheduler: Scheduler = createScheduler();
  const history: History = createHistory({ linesMax: options.linesMax ?? 20_000 });
  const nodes = new Map<string, SimulatedNode>();
  const delays = { delayMsMin: 1, delayMsMean: 1 };
  const packets = createPacketSimulator<Uint8Array>({
    scheduler,
    random: random.fork("packets"),
    faults: { ...delays, ...options.faults },
  });
  const streams = createPacketSimulator<Frame>({
    scheduler,
    random: random.fork("streams"),
    faults: { ...delays, ...options.faults, loss: 0, duplication: 0, reordering: 0 },
  });
  const exchanges = new Map<number, (reply: Uint8Array) => void>();
  let lastExchange = 0;
  let packetBytesLargest = 0;

  /** Gives an input to a node, unless it died meanwhile; later if it stands still. */
  function input(node: SimulatedNode, life: number, run: (core: SwimCore) => void): void {
    if (node.core === undefined || node.life !== life) return;
    if (node.held !== undefined) {
      node.held.arrivals.push(() => input(node, life, run));
      return;
    }
    run(node.core);
    pump(node, node.core);
  }

  function fire(node: SimulatedNode, life: number, token: number): void {
    if (node.life === life && node.held !== undefined)
      node.held.timers.push(() => fire(node, life, token));
    else input(node, life, (core) => core.handleTimer(token, scheduler.now()));
  }

  function pump(node: SimulatedNode, core: SwimCore): void {
    for (const effect of core.drain()) carryOut(node, effect);
  }

  function carryOut(node: SimulatedNode, effect: Effect): void {
    const { life, name } = node;
    switch (effect.type) {
      case "send-packet":
        packetBytesLargest = Math.max(packetBytesLargest, effect.bytes.length);
        packets.send(name, effect.to.host, effect.bytes);
        return;
      case "schedule":
        scheduler.schedule(effect.delayMs, () => fire(node, life, effect.token));
        return;
      case "open-stream":
        exchange(node, effect);
        return;
      case "notify":
        history.record(scheduler.now(), name, textOf(effect.event));
        options.onEvent?.(name, effect.event);
    }
  }

  function exchange(node: SimulatedNode, effect: Extract<Effect, { type: "open-stream" }>): void {
    const { life } = node;
    const id = (lastExchange += 1);
    const cancel = scheduler.schedule(effect.timeoutMs, () => {
      exchanges.delete(id);
      input(node, life, (core) => core.handleStreamFailure(effect.streamId, scheduler.now()));
    });
    exchanges.set(id, (reply) => {
      cancel();
      exchanges.delete(id);
      input(node, life, (core) => core.handleStreamReply(effect.streamId, reply, scheduler.now()));
    });
    streams.send(node.name, effect.to.host, {
      kind: "request",
      exchange: id,
      bytes: effect.request,
    });
  }

  function attach(node: SimulatedNode): void {
    packets.attach(node.name, (bytes, from) => {
      input(node, node.life, (core) => core.handlePacket(addressOf(from), bytes, scheduler.now()));
    });
    streams.attach(node.name, (frame, from) => {
      if (frame.kind === "reply") {
        exchanges.get(frame.exchange)?.(frame.bytes);
        return;
      }
      input(node, node.life, (core) => {
        const reply = core.handleStream(frame.bytes, scheduler.now());
        if (reply === undefined) return;
        streams.send(node.name, from, { kind: "reply", exchange: frame.exchange, bytes: reply });
      });
    });
  }

  function start(name: string, meta = new Uint8Array(0)): void {
    const node = nodes.get(name) ?? { name, core: undefined, life: 0, held: undefined };
    nodes.set(name, node);
    node.life += 1;
    node.held = undefined;
    node.core = createSwim({
      name,
      address: addressOf(name),
      meta,
      random: random.fork(`${name}/${node.life}`),
      preset: options.preset ?? "lan",
      ...(options.config && { config: options.config }),
    });
    attach(node);
    history.record(scheduler.now(), name, "starts");
    node.core.start(scheduler.now());
    pump(node, node.core);
  }

  function nodeOf(name: string): SimulatedNode {
    const node = nodes.get(name);
    if (node === undefined) throw new Error(`no node ${name}`);
    return node;
  }

  function act(name: string, what: string, run: (core: SwimCore, nowMs: number) => void): void {
    const node = nodeOf(name);
    history.record(scheduler.now(), name, what);
    input(node, node.life, (core) => run(core, scheduler.now()));
  }

  return {
    scheduler,
    history,
    random,
    packets,
    start,
    join: (name: string, seeds: readonly string[]) =>
      act(name, `joins ${seeds.join(",")}`, (core, now) => core.join(seeds.map(addressOf), now)),
    leave: (name: string) => act(name, "leaves", (core, now) => core.leave(now)),
    updateMeta: (name: string, meta: Uint8Array) =>
      act(name, "updates its meta", (core, now) => core.updateMeta(meta, now)),
    probeNow: (name: string, target: string) =>
      act(name, `probes ${target}`, (core, now) => core.probeNow(target, now)),
    crash: (name: string) => {
      const node = nodeOf(name);
      history.record(scheduler.now(), name, "crashes");
      node.core = undefined;
      node.held = undefined;
      node.life += 1;
    },
    pause: (name: string, forMs: number) => {
      const node = nodeOf(name);
      if (node.held !== undefined) return;
      const held = { timers: [], arrivals: [] };
      const runAll = (inputs: readonly (() => void)[]): void => inputs.forEach((run) => run());
      node.held = held;
      const { life } = node;
      history.record(scheduler.now(), name, `stands still for ${forMs.toFixed(0)}`);
      scheduler.schedule(forMs, () => {
        if (node.life !== life) return;
        node.held = undefined;
        history.record(scheduler.now(), name, "goes on");
        runAll(held.timers);
        runAll(held.arrivals);
      });
    },
    partition: (first: readonly string[], second: readonly string[], way?: "one-way") => {
      history.record(scheduler.now(), "net", `cut ${first.join(",")} | ${second.join(",")}`);
      packets.partition(first, second, way ?? "two-way");
      // A stream needs both directions.
      streams.partition(first, second);
    },
    heal: () => {
      history.record(scheduler.now(), "net", "healed");
      packets.heal();
      streams.heal();
    },
    core: (name: string): SwimCore => {
      const { core } = nodeOf(name);
      if (core === undefined) throw new Error(`${name} is down`);
      return core;
    },
    isUp: (name: string): boolean => nodes.get(name)?.core !== undefined,
    stateAt: (at: string, name: string): MemberState | undefined =>
      nodes.get(at)?.core?.member(name)?.state,
    packetBytesLargest: () => packetBytesLargest,
    /** Runs until the condition holds; false if it does not within the time. */
    runUntilTrue: (condition: () => boolean, withinMs: number): boolean => {
      const endMs = scheduler.now() + withinMs;
      while (!condition()) {
        if (scheduler.now() >= endMs) return false;
        scheduler.runUntil(Math.min(endMs, scheduler.now() + 50));
      }
      return true;
    },
  };
}

function textOf(event: MemberEvent | CoreEvent): string {
  switch (event.type) {
    case "member-alive":
      return `alive ${event.member.name} ${event.member.incarnation} was ${event.previous ?? "-"}`;
    case "member-suspect":
    case "member-dead":
    case "member-left":
    case "member-updated":
      return `${event.type.slice(7)} ${event.member.name} ${event.member.incarnation}`;
    case "stalled":
      return `stalled ${event.lateMs.toFixed(0)}`;
    case "refuted":
      return `refuted ${event.incarnation}`;
    case "name-conflict":
      return `conflict with ${event.member.address.host}`;
    case "leave-spread":
      return "goodbye is spread";
  }
}
