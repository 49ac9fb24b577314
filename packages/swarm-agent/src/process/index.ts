export { createProcessExecutor } from "./executor.ts";

export type { ProcessExecutorOptions } from "./options.ts";
