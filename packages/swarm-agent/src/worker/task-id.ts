const pattern = /^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$/;

/** Whether an id may name a folder. Ids come from the network; anything else could leave the agent's directory. */
export function isTaskId(id: string): boolean {
  return pattern.test(id);
}
