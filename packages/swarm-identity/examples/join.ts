import {
  createJoinSecret,
  createSwarmSecret,
  deriveKey,
  equalSecrets,
  formatJoinToken,
  joinKey,
  parseJoinToken,
  swarmFingerprint,
} from "@waggle/swarm-identity";

// The first manager makes the swarm and a token for those who are to join it.
const swarmSecret = createSwarmSecret();
const joinSecret = createJoinSecret();
const token = formatJoinToken({ fingerprint: swarmFingerprint(swarmSecret), secret: joinSecret });
console.log(`join with ${token.slice(0, 20)}…`);

// The joiner and the manager hold one key now, without the joiner knowing the swarm's secret.
const { secret } = parseJoinToken(token);
console.log(`same join key: ${equalSecrets(joinKey(secret), joinKey(joinSecret))}`);

// Over a connection under that key the manager hands on the keys for what the joiner is to do.
console.log(`key for nodes: ${deriveKey(swarmSecret, "node").length} bytes`);
