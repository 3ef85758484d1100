// Answers put together from the files of `kindred export --format static`, as the service would give them from 100
// stored neighbours of each film: filters look at these, popularity is added to them, diversity needs vectors.

import { alike } from "./agreement.js";
import { weightsOf } from "./pooling.js";
import { SourceError } from "./problem.js";
import { EXPLAINED, Films, Lists, evidence, pooled, reversed } from "./static_lists.js";
import { Files, SHARD } from "./static_files.js";
import { TitleIndex } from "./static_search.js";

const SUGGESTIONS = 5;
const RELATIONS = ["similar", "next"];

/**
 * The files as a source, with the methods of live.js.
 * @returns {object} `static` is true; what needs a service (curl) is null
 */
export function createStatic() {
  return new StaticSource();
}

class StaticSource {
  static = true;
  release = null;
  #files = new Files();
  #lists = new Lists(this.#files);
  #films = null;
  #titles = null;

  async models({ signal } = {}) {
    const answer = await this.#files.json("models.json", signal);
    this.release = answer.release;
    return answer;
  }

  async model(name, { signal } = {}) {
    const { name: known } = await this.#model(name, null, signal);
    return this.#files.json(`models/${encodeURIComponent(known)}.json`, signal);
  }

  catalogue({ signal } = {}) {
    return this.#files.json("catalogue.json", signal);
  }

  async map(model, { signal } = {}) {
    const { name } = await this.#model(model, null, signal);
    try {
      return await this.#files.json(`map/${encodeURIComponent(name)}.json`, signal);
    } catch (error) {
      if (error.status !== 404) throw error;
      const detail = `no map of ${name} was exported`;
      throw new SourceError({ status: 404, type: "/problems/no-map", title: "No map", detail });
    }
  }

  releases({ signal } = {}) {
    return this.#files.json("releases.json", signal);
  }

  changes({ signal } = {}) {
    return this.#files.json("changes.json", signal);
  }

  async vectors() {
    const detail = "a static export holds no vectors";
    throw new SourceError({ status: 404, type: "/problems/no-vectors", title: "No vectors", detail });
  }

  async search(query, limit = 10, { signal } = {}) {
    const films = await this.#known(signal);
    this.#titles ??= new TitleIndex(films.columns);
    const found = this.#titles.find(query ?? "", limit);
    return { query: query ?? "", total: found.total, movies: found.rows.map((row) => films.movie(row)) };
  }

  async movie(id, { signal } = {}) {
    const films = await this.#known(signal);
    const row = this.#row(films, id);
    const { models } = await this.models({ signal });
    const sources = Object.fromEntries(models.map(({ name }) => [name, films.source(name, row)]));
    return { ...films.movie(row), sources };
  }

  async similar(id, params, { signal } = {}) {
    const asked = plain(params), films = await this.#known(signal);
    const row = this.#row(films, id);
    const model = await this.#model(asked.model, asked.relation, signal);
    const list = await this.#lists.of(model.name, relation(asked), row, signal);
    return { movie: films.movie(row), ...this.#page(films, model, [row], list, asked) };
  }

  /** The mean of the likes' stored scores, less half the mean of the dislikes'; what is not stored counts as 0. */
  async history(body, { signal } = {}) {
    const asked = { learnedOnly: true, ...plain(body) }, films = await this.#known(signal);
    const sent = [...(body.likes ?? []), ...(body.dislikes ?? [])];
    // of an id sent twice the later counts, as the service has it
    const likes = [...new Set([...(body.likes ?? [])].reverse())].reverse().filter((id) => films.rowOf.has(id));
    const dislikes = [...new Set(body.dislikes ?? [])].filter((id) => films.rowOf.has(id));
    if (!likes.length) this.#row(films, sent[0] ?? "");
    const model = await this.#model(asked.model, asked.relation, signal);
    const weights = weightsOf(likes.length, dislikes.length, asked.halfLife ?? 1);
    const rows = [...likes, ...dislikes].map((id) => films.rowOf.get(id));
    const lists = await Promise.all(rows.map((row) => this.#lists.of(model.name, relation(asked), row, signal)));
    const list = pooled(lists, weights, likes.length, new Set(rows));
    const strange = [...new Set(sent)].filter((id) => !films.rowOf.has(id));
    return { likes, dislikes, unknown: strange, ...this.#page(films, model, rows, list, asked) };
  }

  async compare(id, params, { signal } = {}) {
    const asked = plain(params);
    const named = new Set([asked.models ?? []].flat().join(",").split(",").map((name) => name.trim()));
    named.delete("");
    const { models } = await this.models({ signal });
    const able = models.filter((model) => model.relations.includes(relation(asked))).map((model) => model.name);
    const names = named.size ? [...named] : able;
    const limit = Number(asked.limit ?? 10);
    const answers = await Promise.all(
      names.map((model) => this.similar(id, { model, limit, relation: relation(asked) }, { signal })),
    );
    const films = await this.#known(signal);
    const lists = answers.map(({ model, source, similar }) => ({ model: model.name, source, similar }));
    const pairs = lists.flatMap((left, place) => lists.slice(place + 1).map((right) => alike(left, right)));
    const movie = films.movie(this.#row(films, id));
    return { movie, release: films.columns.release, relation: relation(asked), limit, lists, pairs };
  }

  async explain(a, b, { signal } = {}) {
    const films = await this.#known(signal);
    const row = this.#row(films, a), other = this.#row(films, b);
    const { models } = await this.models({ signal });
    const places = models.flatMap(({ name, relations }) =>
      relations.map(async (kind) => {
        const list = await this.#lists.of(name, kind, row, signal);
        const at = list.findIndex(([found]) => found === other);
        const source = films.source(name, row, other);
        const place = { score: at < 0 ? null : list[at][1], rank: at < 0 ? null : at + 1 };
        return { name, relation: kind, source, ...place, total: list.length };
      }),
    );
    const [movie, their] = [films.movie(row), films.movie(other)];
    return {
      movie,
      other: their,
      release: films.columns.release,
      evidence: await this.#evidence(row, other, signal),
      sharedGenres: movie.genres.filter((genre) => their.genres.includes(genre)),
      models: await Promise.all(places),
    };
  }

  curl() {
    return null;
  }

  onrelease() {
    return () => {};
  }

  async #known(signal) {
    if (!this.#films) {
      const [columns, sources] = await Promise.all([
        this.catalogue({ signal }), this.#files.json("sources.json", signal),
      ]);
      this.#films ??= new Films(columns, sources);
    }
    return this.#films;
  }

  /** What viewers did with the two; a pair that is not with the one may stand with the other. */
  async #evidence(row, other, signal) {
    const at = (one) => this.#files.shard(`explain/${Math.floor(one / EXPLAINED)}.json`, signal);
    const found = evidence(await at(row), row, other);
    if (found) return found;
    const back = evidence(await at(other), other, row);
    return back && reversed(back);
  }

  #row(films, id) {
    const row = films.rowOf.get(id);
    if (row !== undefined) return row;
    this.#titles ??= new TitleIndex(films.columns);
    const rows = [...this.#titles.nearIds(id, SUGGESTIONS), ...this.#titles.find(id, SUGGESTIONS).rows];
    const suggestions = [...new Set(rows)].slice(0, SUGGESTIONS).map((near) => films.name(near));
    const detail = `no movie '${id}' in this release`;
    throw unknown("movie", detail, { suggestions });
  }

  async #model(name, kind, signal) {
    const { models, default: usual } = await this.models({ signal });
    const found = models.find((model) => model.name === (name || usual));
    const names = models.map((model) => model.name);
    if (!found) {
      const detail = `no model '${name}' in this release; there are: ${names.join(", ")}`;
      throw unknown("model", detail, { models: names });
    }
    if (kind && !(RELATIONS.includes(kind) && found.relations.includes(kind))) {
      const detail = `model ${found.name} has no lists of ${kind}`;
      throw new SourceError({ status: 422, type: "/problems/invalid-parameter", title: "Invalid parameter", detail });
    }
    return found;
  }

  #page(films, model, sources, list, asked) {
    const passing = films.filtered(list, model.name, asked);
    const limit = Number(asked.limit ?? 20), offset = Number(asked.offset ?? 0);
    const similar = passing.slice(offset, offset + limit).map(([row, score], place) => ({
      ...films.movie(row), source: films.source(model.name, row), score, rank: offset + place + 1,
    }));
    return {
      model: { name: model.name, release: films.columns.release },
      relation: relation(asked),
      source: films.source(model.name, ...sources),
      total: passing.length,
      limit,
      offset,
      similar,
    };
  }
}

function unknown(what, detail, helps) {
  const kind = { type: `/problems/unknown-${what}`, title: `Unknown ${what}` };
  return new SourceError({ status: 404, ...kind, detail, ...helps });
}

const relation = (asked) => asked.relation || "similar";

function plain(params) {
  const given = params instanceof URLSearchParams ? Object.fromEntries(params) : (params ?? {});
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== "" && value !== null));
}
