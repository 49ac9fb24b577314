import type { Member, MemberEvent, MemberState } from "../../src/index.ts";

interface Held {
  readonly state: MemberState;
  readonly incarnation: number;
}

/** Rebuilds each node's view from its events alone, and says where an event does not follow from the last. */
export function createMirror() {
  const views = new Map<string, Map<string, Held>>();
  const viewOf = (at: string): Map<string, Held> => {
    const view = views.get(at) ?? new Map<string, Held>();
    views.set(at, view);
    return view;
  };

  return {
    restart: (at: string) => void views.delete(at),
    /** What is wrong with the event; undefined when it follows. */
    apply: (at: string, event: MemberEvent): string | undefined => {
      const view = viewOf(at);
      const { name, state, incarnation } = event.member;
      const before = view.get(name);
      view.set(name, { state, incarnation });
      if (before !== undefined && incarnation < before.incarnation)
        return `the incarnation of ${name} falls from ${before.incarnation} to ${incarnation}`;
      return wrongStep(event, before);
    },
    matches: (at: string, members: readonly Member[]): boolean => {
      const view = viewOf(at);
      const others = members.filter(({ name }) => name !== at);
      return others.every(({ name, state }) => view.get(name)?.state === state);
    },
  };
}

function wrongStep(event: MemberEvent, before: Held | undefined): string | undefined {
  const { name } = event.member;
  const was = before?.state;
  switch (event.type) {
    case "member-alive":
      if (event.member.state !== "alive") return `${name} comes alive as ${event.member.state}`;
      return event.previous === was ? undefined : `${name} comes alive from ${was ?? "nothing"}`;
    case "member-suspect":
      return was === "alive" ? undefined : `${name} is suspect after ${was ?? "nothing"}`;
    case "member-dead":
    case "member-left":
      return was === "alive" || was === "suspect"
        ? undefined
        : `${name} is gone after ${was ?? "nothing"}`;
    case "member-updated":
      return was === "alive" ? undefined : `${name} is updated after ${was ?? "nothing"}`;
  }
}
