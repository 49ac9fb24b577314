import manifest from "../package.json" with { type: "json" };

/** Version of this node's software. */
export const VERSION: string = manifest.version;
