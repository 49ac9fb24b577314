import { isRaftError } from "../../src/index.ts";
import type { ConfChangeSingle, NodeId } from "../../src/index.ts";
import { changedInOneStep, enterJoint, leaveJoint } from "../../src/membership/changer.ts";
import { EMPTY_CONFIGURATION, confStateOf, membersOf } from "../../src/membership/configuration.ts";
import type { Configuration } from "../../src/membership/configuration.ts";
import { booleanOf } from "./arguments.ts";
import { parseChanges } from "./conf-change-text.ts";
import type { Case } from "./datadriven.ts";
import { describeConfiguration } from "./describe.ts";

const REFUSED = new Set(["unsupported-change", "joint-configuration", "not-joint"]);

/** This package's words for a refused change, and the reference's where they do not depend on the command. */
const REFUSALS: Readonly<Record<string, string>> = {
  "no voters to start from": "can't make a zero-voter config joint",
  "no joint configuration to leave": "can't leave a non-joint config",
  "more than one voter changes without a joint configuration":
    "more than one voter changed without entering joint config",
  "no voters would be left": "removed all voters",
};

const JOINT_REFUSALS: Readonly<Record<string, string>> = {
  simple: "can't apply simple config change in joint config",
  "enter-joint": "config is already joint",
};

/** Runs the cases of a confchange file: they share one group. */
export function createConfChangeRun(): (test: Case) => string {
  const group = new Group();
  return (test) => group.handle(test);
}

class Group {
  #configuration: Configuration = EMPTY_CONFIGURATION;
  /** Next index per member. */
  #next = new Map<NodeId, number>();
  #lastIndex = 0;

  handle(test: Case): string {
    try {
      return this.#handle(test);
    } catch (error) {
      if (isRaftError(error) && REFUSED.has(error.code))
        return `${refusalText(test.command, error.message)}\n`;
      throw error;
    } finally {
      this.#lastIndex += 1;
    }
  }

  #handle(test: Case): string {
    const changes = parseChanges(test.input);
    if (typeof changes === "string") return changes;
    switch (test.command) {
      case "simple":
        return this.#adopt(changedInOneStep(this.#configuration, changes), changes);
      case "enter-joint": {
        const autoLeave = booleanOf(test, "autoleave") ?? false;
        return this.#adopt(enterJoint(this.#configuration, changes, autoLeave), changes);
      }
      case "leave-joint":
        if (changes.length > 0) return "this command takes no input\n";
        return this.#adopt(leaveJoint(this.#configuration), []);
      default:
        return "unknown command\n";
    }
  }

  #adopt(configuration: Configuration, changes: readonly ConfChangeSingle[]): string {
    this.#configuration = configuration;
    const fresh = Math.max(this.#lastIndex, 1);
    // Who was taken out and put in again within one command starts anew.
    for (const { type, node } of changes)
      if (type === "remove" && !configuration.outgoing.has(node)) this.#next.delete(node);
    const members = membersOf(configuration);
    this.#next = new Map(members.map((id) => [id, this.#next.get(id) ?? fresh]));
    const peers = members.map((id) => {
      const learner = configuration.learners.has(id) ? " learner" : "";
      return `${id}: StateProbe match=0 next=${String(this.#next.get(id))}${learner}\n`;
    });
    return `${describeConfiguration(confStateOf(configuration))}\n${peers.join("")}`;
  }
}

function refusalText(command: string, message: string): string {
  if (message === "a joint configuration must be left first")
    return JOINT_REFUSALS[command] ?? message;
  return REFUSALS[message] ?? message;
}
