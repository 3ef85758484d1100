// The files of a static export: small ones are fetched once and kept, of the shards of lists the latest asked for.

import { SourceError } from "./problem.js";

export const SHARD = 256;
const FOLDER = "data/";
// a shard of lists is about a megabyte when read
const MOST_SHARDS = 24;

/** JSON by path; what several ask for at once is fetched once. */
export class Files {
  #kept = new Map();
  #shards = new Map();

  /**
   * A file that stays.
   * @param {string} path below data/
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  async json(path, signal) {
    if (!this.#kept.has(path)) this.#keep(this.#kept, path);
    return heard(this.#kept.get(path), signal);
  }

  /**
   * A file of which there are many.
   * @param {string} path below data/
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  async shard(path, signal) {
    const known = this.#shards.get(path);
    if (known) {
      // the last in the map is the one asked for last
      this.#shards.delete(path);
      this.#shards.set(path, known);
    } else {
      this.#keep(this.#shards, path);
      if (this.#shards.size > MOST_SHARDS) this.#shards.delete(this.#shards.keys().next().value);
    }
    return heard(this.#shards.get(path), signal);
  }

  #keep(files, path) {
    const loading = load(path);
    files.set(path, loading);
    // what failed is asked for again
    loading.catch(() => files.get(path) === loading && files.delete(path));
  }
}

/** Whoever leaves stops waiting; the fetch goes on for others. */
async function heard(loading, signal) {
  const file = await loading;
  signal?.throwIfAborted();
  return file;
}

async function load(path) {
  let response;
  try {
    response = await fetch(FOLDER + path);
  } catch (error) {
    throw new SourceError({ status: 0, title: "Not reached", detail: `${FOLDER}${path}: ${error.message}` });
  }
  if (!response.ok) {
    const detail = `expected ${FOLDER}${path}, found ${response.status} ${response.statusText}`;
    throw new SourceError({ status: response.status, type: "/problems/no-file", title: "File missing", detail });
  }
  try {
    return await response.json();
  } catch (error) {
    throw new SourceError({ status: 0, title: "File damaged", detail: `${FOLDER}${path}: ${error.message}` });
  }
}
