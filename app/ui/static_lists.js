// Films and stored lists of a static export: columns -> the JSON of single films, shards -> the list of one film.

import { digits } from "./agreement.js";
import { SHARD } from "./static_files.js";

// rows in a file of explanations
export const EXPLAINED = 64;
const POPULARITY_WEIGHT = 0.1;

/** The catalogue by row and by id, and which films each model has learned. */
export class Films {
  #learned = new Map();

  /**
   * @param {object} columns the answer of catalogue()
   * @param {Record<string, string>} sources of each model the bits of what it learned, packed, in base64
   */
  constructor(columns, sources) {
    this.columns = columns;
    this.rowOf = new Map(columns.movieIds.map((id, row) => [id, row]));
    for (const [model, packed] of Object.entries(sources)) {
      this.#learned.set(model, Uint8Array.from(atob(packed), (byte) => byte.charCodeAt(0)));
    }
  }

  /** Enough of a film to recognise it. */
  name(row) {
    const { movieIds, titles, years } = this.columns;
    return { movieId: movieIds[row], title: titles[row], year: years[row] };
  }

  /** All of a film. */
  movie(row) {
    const { genres, genreNames, likes } = this.columns;
    return { ...this.name(row), genres: genres[row].map((place) => genreNames[place]), likes: likes[row] };
  }

  /** Learned if a model has learned all of the films. */
  source(model, ...rows) {
    const bits = this.#learned.get(model);
    return rows.every((row) => bits && bits[row >> 3] & (0x80 >> (row & 7))) ? "learned" : "inferred";
  }

  /**
   * What of a list passes the filters, with popularity added.
   * @param {[number, number][]} list rows and scores, best first
   * @param {string} model
   * @param {object} asked genre, yearFrom, yearTo, minLikes, learnedOnly, popularity
   * @returns {[number, number][]} best first
   */
  filtered(list, model, asked) {
    const { years, likes, genres, genreNames } = this.columns;
    const popularity = Number(asked.popularity ?? 0);
    const learnedOnly = String(asked.learnedOnly ?? false) === "true" || popularity < 0;
    const genre = genreNames.findIndex((name) => name.toLowerCase() === String(asked.genre ?? "").toLowerCase());
    const from = Number(asked.yearFrom ?? -Infinity), to = Number(asked.yearTo ?? Infinity);
    const passing = list.filter(
      ([row]) =>
        (!asked.genre || genres[row].includes(genre)) &&
        (asked.yearFrom === undefined || (years[row] !== null && years[row] >= from)) &&
        (asked.yearTo === undefined || (years[row] !== null && years[row] <= to)) &&
        likes[row] >= Number(asked.minLikes ?? 0) &&
        (!learnedOnly || this.source(model, row) === "learned"),
    );
    if (!popularity) return passing;
    const bonus = (row) => POPULARITY_WEIGHT * popularity * Math.log1p(likes[row]);
    return inOrder(passing.map(([row, score]) => [row, digits(score + bonus(row))]));
  }
}

/** The stored lists. */
export class Lists {
  #files;

  /** @param {import("./static_files.js").Files} files */
  constructor(files) {
    this.#files = files;
  }

  /**
   * The list of one film.
   * @param {string} model
   * @param {string} relation
   * @param {number} row
   * @param {AbortSignal} [signal]
   * @returns {Promise<[number, number][]>} rows and scores, best first
   */
  async of(model, relation, row, signal) {
    const path = `similar/${encodeURIComponent(model)}/${relation}/${Math.floor(row / SHARD)}.json`;
    const shard = await this.#files.shard(path, signal);
    const scores = shard.scores[row % SHARD];
    return shard.rows[row % SHARD].map((other, place) => [other, scores[place]]);
  }
}

/**
 * The published order: by score, then by row, which is the order of ids.
 * @param {[number, number][]} list
 * @returns {[number, number][]} the same list
 */
export function inOrder(list) {
  return list.sort((a, b) => b[1] - a[1] || a[0] - b[0]);
}

/**
 * Several lists as one: the weighted sum of scores, 0 where a film is not in a list.
 * @param {[number, number][][]} lists of the likes, then of the dislikes
 * @param {number[]} weights of each list
 * @param {number} likes how many of the lists are of likes: what is in none of these is no answer
 * @param {Set<number>} excluded rows
 * @returns {[number, number][]}
 */
export function pooled(lists, weights, likes, excluded) {
  const totals = new Map();
  lists.forEach((list, place) => {
    for (const [row, score] of list) {
      if (excluded.has(row) || (place >= likes && !totals.has(row))) continue;
      totals.set(row, (totals.get(row) ?? 0) + weights[place] * score);
    }
  });
  return inOrder([...totals].map(([row, total]) => [row, digits(total)]));
}

/**
 * What a file of explanations says of a pair, as GET /explain has it; null where it says nothing.
 * @param {{keys: string[], same: object|null, rows: object}} shard
 * @param {number} row
 * @param {number} other
 * @returns {object|null}
 */
export function evidence({ keys, same, rows }, row, other) {
  const values = rows[row]?.[other];
  return same && values ? { ...same, ...Object.fromEntries(keys.map((key, place) => [key, values[place]])) } : null;
}

/**
 * The evidence of a pair seen from its other film.
 * @param {object} found as GET /explain has it
 * @returns {object}
 */
export function reversed(found) {
  return {
    ...found,
    likes: found.otherLikes,
    otherLikes: found.likes,
    transitions: found.transitionsBack,
    transitionsBack: found.transitions,
    transitionProbability: found.transitionProbabilityBack,
    transitionProbabilityBack: found.transitionProbability,
  };
}
