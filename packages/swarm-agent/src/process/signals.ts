import { constants } from "node:os";
import { ExecutorError } from "../errors.ts";

const REALTIME_FIRST = 34;
const SIGNAL_MAX = 64;

const byName: ReadonlyMap<string, number> = new Map(Object.entries(constants.signals));

/**
 * The number of a stop signal, given as `SIGTERM`, `TERM`, `15` or `SIGRTMIN+3`; empty means SIGTERM.
 * @throws ExecutorError `spec-unsupported`.
 */
export function signalNumber(signal: string): number {
  if (signal === "") return constants.signals.SIGTERM;
  const upper = signal.toUpperCase();
  const realtime = /^(?:SIG)?RTMIN(?:\+(\d{1,2}))?$/.exec(upper);
  const number = /^\d{1,3}$/.test(upper)
    ? Number(upper)
    : realtime !== null
      ? REALTIME_FIRST + Number(realtime[1] ?? 0)
      : (byName.get(upper) ?? byName.get(`SIG${upper}`) ?? 0);
  if (number < 1 || number > SIGNAL_MAX) {
    throw new ExecutorError("spec-unsupported", `invalid stop signal: ${signal}`);
  }
  return number;
}
