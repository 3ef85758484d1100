// Where answers come from: the service, or files that `kindred export --format static` wrote.

import { createLive } from "./live.js";

export { SourceError, isAbort } from "./problem.js";

/**
 * The source that this page was made for: <html data-source="static"> reads files.
 * @returns {Promise<object>} see live.js for what it can be asked
 */
export async function createSource() {
  if (document.documentElement.dataset.source !== "static") return createLive();
  const { createStatic } = await import("./static.js");
  return createStatic();
}
