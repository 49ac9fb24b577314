import { userInfo } from "node:os";
import { describe, expect, it } from "vitest";
import { type CliIo, dataDirectory, socketPath } from "../../src/cli/context.ts";

const ioWith = (env: CliIo["env"]): CliIo => ({
  out: () => undefined,
  err: () => undefined,
  env,
  signal: new AbortController().signal,
});

describe("where a node is looked for", () => {
  it("is what the options say, before what the environment says", () => {
    const io = ioWith({ WAGGLE_DATA_DIR: "/env", WAGGLE_SOCKET: "/env.sock" });
    expect(dataDirectory({ dataDir: "/option" }, io)).toBe("/option");
    expect(socketPath({ socket: "/option.sock" }, io)).toBe("/option.sock");
    expect(dataDirectory({}, io)).toBe("/env");
    expect(socketPath({}, io)).toBe("/env.sock");
  });

  it("is the socket in the data directory when only that is known", () => {
    expect(socketPath({ dataDir: "/d" }, ioWith({}))).toBe("/d/docker.sock");
    expect(socketPath({}, ioWith({ WAGGLE_DATA_DIR: "/e" }))).toBe("/e/docker.sock");
  });

  it("is the system's place for root, and the user's for others", () => {
    const expected = userInfo().uid === 0 ? "/var/lib/waggle" : "/home/x/data/waggle";
    const io = ioWith({ WAGGLE_DATA_DIR: "", XDG_DATA_HOME: "/home/x/data" });
    expect(dataDirectory({}, io)).toBe(expected);
  });
});
