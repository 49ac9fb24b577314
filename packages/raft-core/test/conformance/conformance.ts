/** Runs etcd raft's data-driven files against this core: `conformance DIR [DIR…]`. */
import { runFolders } from "./run-folders.ts";

process.exitCode = runFolders(
  process.argv.slice(2).filter((argument) => argument !== "--"),
  {
    // A package manager runs this in the folder of the package, and says where it was called.
    start: process.env["INIT_CWD"] ?? process.cwd(),
    print: (line) => {
      console.log(line);
    },
    complain: (line) => {
      console.error(line);
    },
  },
);
