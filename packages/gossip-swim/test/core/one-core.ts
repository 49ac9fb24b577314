import { createRandom } from "@waggle/simkit";
import {
  createSwim,
  createWaggleCodec,
  type Effect,
  type PacketMessage,
  type StreamMessage,
  type SwimCodec,
  type SwimConfig,
} from "../../src/index.ts";

export const codec: SwimCodec = createWaggleCodec();
export const addressOf = (name: string) => ({ host: name, port: 7946 });
const noMeta = new Uint8Array(0);
export const alive = (name: string, incarnation = 1) =>
  ({ type: "alive", name, incarnation, address: addressOf(name), meta: noMeta }) as const;

/** One core named `a`, whose peers are played by the test. Time is passed in; timers fire when told. */
export function setup(config: Partial<SwimConfig> = {}) {
  const core = createSwim({
    name: "a",
    address: addressOf("a"),
    random: createRandom(1),
    config: { streamProbe: false, ...config },
  });
  const timers: { token: number; atMs: number }[] = [];
  let nowMs = 0;

  const collect = (): Effect[] => {
    const effects = core.drain();
    for (const effect of effects)
      if (effect.type === "schedule")
        timers.push({ token: effect.token, atMs: nowMs + effect.delayMs });
    return effects;
  };
  core.start(0);
  collect();

  return {
    core,
    timers,
    now: () => nowMs,
    jump: (forMs: number) => void (nowMs += forMs),
    receive: (from: string, ...messages: PacketMessage[]): Effect[] => {
      const parts = messages.map((message) => codec.encodePart(message));
      core.handlePacket(addressOf(from), codec.encodePacket(parts), nowMs);
      return collect();
    },
    stream: (message: StreamMessage): StreamMessage | undefined => {
      const reply = core.handleStream(codec.encodeStream(message), nowMs);
      return reply && codec.decodeStream(reply);
    },
    run: (act: (core: ReturnType<typeof createSwim>, nowMs: number) => void): Effect[] => {
      act(core, nowMs);
      return collect();
    },
    /** Fires timers in order until the time is over. */
    pass: (forMs: number): Effect[] => {
      const endMs = nowMs + forMs;
      const effects: Effect[] = [];
      for (;;) {
        timers.sort((x, y) => x.atMs - y.atMs || x.token - y.token);
        const next = timers[0];
        if (next === undefined || next.atMs > endMs) break;
        timers.shift();
        nowMs = Math.max(nowMs, next.atMs);
        core.handleTimer(next.token, nowMs);
        effects.push(...collect());
      }
      nowMs = endMs;
      return effects;
    },
  };
}

/** What was sent, one line per message; acks, pings and rumours with their main fields. */
export function sent(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => {
    if (effect.type !== "send-packet") return [];
    return codec.decodePacket(effect.bytes).map((message) => {
      const subject = "target" in message ? message.target : "name" in message ? message.name : "";
      const incarnation = "incarnation" in message ? ` ${message.incarnation}` : "";
      const accuser = "from" in message && message.type !== "ping" ? ` by ${message.from}` : "";
      return `${effect.to.host} < ${message.type} ${subject}${incarnation}${accuser}`.trimEnd();
    });
  });
}

export const told = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => (effect.type === "notify" ? [effect.event.type] : []));
