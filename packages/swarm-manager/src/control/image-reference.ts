/** The image name that means: run the command on the node itself, without an image. */
export const PROCESS_IMAGE = "process";

const REFERENCE_LENGTH_MAX = 1_024;
const NAME_LENGTH_MAX = 255;

const domainLabel = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const domain = `(?:${domainLabel}(?:\\.${domainLabel})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const pathPart = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const reference = new RegExp(
  `^((?:${domain}/)?${pathPart}(?:/${pathPart})*)(?::[\\w][\\w.-]{0,127})?` +
    `(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`,
);

/** Whether the text names an image: `[host[:port]/]path[:tag][@digest]`, as in the distribution specification. */
export function isImageReference(text: string): boolean {
  if (text === PROCESS_IMAGE) return true;
  if (text.length > REFERENCE_LENGTH_MAX) return false;
  const match = reference.exec(text);
  return match?.[1] !== undefined && match[1].length <= NAME_LENGTH_MAX;
}
