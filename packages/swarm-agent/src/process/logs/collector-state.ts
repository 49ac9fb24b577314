/** How far the raw output was read, and how long the log was then. */
export interface CollectorState {
  readonly offsets: { readonly stdout: number; readonly stderr: number };
  readonly logBytes: number;
}

/** Before anything was read. */
export const initialCollectorState: CollectorState = {
  offsets: { stdout: 0, stderr: 0 },
  logBytes: 0,
};

/** The recorded state; `undefined` when the text is no such record. */
export function parseCollectorState(text: string): CollectorState | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || !isRecord(value["offsets"])) return undefined;
  const { stdout, stderr } = value["offsets"];
  const { logBytes } = value;
  if (!isSize(stdout) || !isSize(stderr) || !isSize(logBytes)) return undefined;
  return { offsets: { stdout, stderr }, logBytes };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
