// What can go wrong between a view and its data.

/** An answer that is not what was asked for: RFC 9457 problem details, or no answer at all (status 0). */
export class SourceError extends Error {
  /**
   * @param {{type?: string, title?: string, status?: number, detail?: string, suggestions?: object[],
   *     models?: string[], errors?: object[]}} problem
   * @param {number} [retrySeconds] when to ask again, as the service says
   */
  constructor(problem, retrySeconds) {
    super(String(problem.detail ?? problem.title ?? ""));
    this.name = "SourceError";
    this.status = problem.status ?? 0;
    this.type = problem.type ?? "about:blank";
    this.title = String(problem.title ?? "");
    this.detail = String(problem.detail ?? "");
    this.suggestions = listed(problem.suggestions);
    this.models = listed(problem.models);
    this.errors = listed(problem.errors);
    this.retrySeconds = retrySeconds;
  }
}

/**
 * Whether an error only says that nobody waits for the answer any more.
 * @param {unknown} error
 * @returns {boolean}
 */
export function isAbort(error) {
  return error instanceof DOMException && error.name === "AbortError";
}

/** A proxy in between may answer with anything. */
function listed(value) {
  return Array.isArray(value) ? value : [];
}
