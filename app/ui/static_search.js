// Typo-tolerant title search without a server: distinct words matched by beginning and edit distance, an inverted index
// behind. Rules and weights are those of the service (app/search.py), but for the edits that a word may have.

const ARTICLES = new Set("a an the le la les l un une der die das ein eine el los las".split(" "));
const LETTERS = { "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ß": "ss", "&": " and " };
const MAX_WORDS = 12;
const MAX_QUERY = 200;
const MAX_KEPT = 128;
const KEEP = 0.6;
const LIGHT = 0.1;
const EXACT = 1, TYPED = 1, PREFIX = 0.9, EDITED = 0.8, EDITED_PREFIX = 0.5;
const LIKENESS = 3;

/** Case and accents folded away: "Amélie" -> "amelie". */
function plain(text) {
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase().replaceAll("&", " and ");
  const spread = text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
  return spread.replace(/[øłđæœıß&]/g, (letter) => LETTERS[letter]);
}

/**
 * The words of a text, a compound both in parts and joined: "Spider-Man" -> spider, man, spiderman.
 * @param {string} text
 * @returns {string[]}
 */
export function words(text) {
  const found = new Set();
  for (const chunk of plain(text).split(/\s+/)) {
    const parts = chunk.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
    for (const part of parts) found.add(part);
    if (parts.length > 1) found.add(parts.join(""));
  }
  return [...found];
}

/**
 * The whole title as one string, wherever its article stands, without alternative titles:
 * "Godfather, The" and "The Godfather" -> "godfather".
 * @param {string} text
 * @returns {string}
 */
export function compact(text) {
  let whole = plain(text.replace(/\([^()]*\)/g, " ")).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  if (whole.length > 1 && ARTICLES.has(whole[0])) whole = whole.slice(1);
  else if (whole.length > 1 && ARTICLES.has(whole.at(-1)) && text.includes(",")) whole = whole.slice(0, -1);
  return whole.join("");
}

/**
 * Edits that make one word the other (letters put in, left out, replaced, neighbours swapped), `most` + 1 beyond it.
 * @param {string} one
 * @param {string} other
 * @param {number} most
 * @returns {number}
 */
export function edits(one, other, most) {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let before = [], last = Array.from({ length: other.length + 1 }, (_, place) => place);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      let cost = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        cost = Math.min(cost, before[j - 2] + 1);
      }
      row.push(cost);
      least = Math.min(least, cost);
    }
    // a swap reaches back two lines, so that one line beyond the limit is not the end
    if (least > most && Math.min(...last) > most) return most + 1;
    [before, last] = [last, row];
  }
  return Math.min(last[other.length], most + 1);
}

/** Which letters a word has, as bits: an edit changes at most two of them. */
function mask(word) {
  let bits = 0;
  for (let place = 0; place < word.length; place++) bits |= 1 << (word.charCodeAt(place) & 31);
  return bits;
}

function bitCount(bits) {
  let count = 0;
  for (let rest = bits; rest; rest &= rest - 1) count++;
  return count;
}

/** An index over titles and years; about 300 ms for 60,000, made once. */
export class TitleIndex {
  #cache = new Map();

  /** @param {{movieIds: string[], titles: string[], years: (number|null)[], likes: number[]}} films columns */
  constructor(films) {
    const rowsOf = new Map();
    films.titles.forEach((title, row) => {
      const own = new Set(words(title));
      if (films.years[row]) own.add(String(films.years[row]));
      for (const word of own) {
        const rows = rowsOf.get(word);
        if (rows) rows.push(row);
        else rowsOf.set(word, [row]);
      }
    });
    this.size = films.titles.length;
    this.vocabulary = [...rowsOf.keys()].sort();
    this.rows = this.vocabulary.map((word) => rowsOf.get(word));
    this.position = new Map(this.vocabulary.map((word, index) => [word, index]));
    this.masks = Int32Array.from(this.vocabulary, mask);
    this.compact = films.titles.map(compact);
    this.popularity = Float64Array.from(films.likes, (likes) => Math.log10(1 + likes));
    this.rowOf = new Map(films.movieIds.map((id, row) => [id, row]));
    this.mostLiked = null;
    this.likes = films.likes;
  }

  /**
   * The best titles for a query: by how much of it they answer, then by likes and likeness, then by id.
   * A film whose id is the query comes first; an empty query answers the most liked.
   * @param {string} query
   * @param {number} limit
   * @returns {{rows: number[], total: number}}
   */
  find(query, limit) {
    const text = query.trim().slice(0, MAX_QUERY);
    const named = this.rowOf.get(text);
    let rows = text ? this.#ranked(text) : this.#liked();
    if (named !== undefined) rows = [named, ...rows.filter((row) => row !== named)];
    return { rows: rows.slice(0, limit), total: rows.length };
  }

  /** Ids that are nearly this one, for those who mistyped a number. */
  nearIds(text, limit) {
    const near = [];
    for (const [id, row] of this.rowOf) {
      const distance = edits(text, id, 2);
      if (distance <= 2) near.push([distance, row]);
    }
    return near.sort((a, b) => a[0] - b[0] || a[1] - b[1]).slice(0, limit).map(([, row]) => row);
  }

  #liked() {
    this.mostLiked ??= Array.from(this.likes.keys()).sort((a, b) => this.likes[b] - this.likes[a] || a - b);
    return this.mostLiked;
  }

  #ranked(text) {
    const coverage = this.#coverage(words(text).slice(0, MAX_WORDS));
    let best = 0;
    for (let row = 0; row < this.size; row++) if (coverage[row] > best) best = coverage[row];
    if (!best) return [];
    const asked = [compact(text), compact(text.replace(/(^|\s)\(?\d{4}\)?(?=\s|$)/g, " "))];
    const rows = [], weight = new Map();
    for (let row = 0; row < this.size; row++) {
      if (coverage[row] < KEEP * best) continue;
      rows.push(row);
      weight.set(row, this.popularity[row] + LIKENESS * Math.max(...asked.map((one) => this.#likeness(one, row))));
    }
    return rows.sort((a, b) => coverage[b] - coverage[a] || weight.get(b) - weight.get(a) || a - b);
  }

  /** How much of the whole title the query is, 0..1; an edit distance to thousands of titles would take too long. */
  #likeness(asked, row) {
    const title = this.compact[row];
    return asked && title.includes(asked) ? asked.length / title.length : 0;
  }

  /** Which part of the query's words each title answers; articles hardly count. */
  #coverage(asked) {
    const covered = new Float64Array(this.size);
    let sum = 0;
    const best = new Float32Array(this.size);
    asked.forEach((word, place) => {
      const weight = ARTICLES.has(word) && asked.length > 1 ? LIGHT : 1;
      sum += weight;
      best.fill(0);
      // the better match is written over the worse
      for (const [index, value] of this.#matches(word, place === asked.length - 1 ? TYPED : PREFIX)) {
        for (const row of this.rows[index]) best[row] = value;
      }
      for (let row = 0; row < this.size; row++) covered[row] += weight * best[row];
    });
    return covered.map((value) => Math.round((1e4 * value) / (sum || 1)) / 1e4);
  }

  /** Words of the vocabulary that answer a word and how well, worst first; kept, for people type letter by letter. */
  #matches(word, prefix) {
    const key = `${prefix} ${word}`;
    const kept = this.#cache.get(key);
    if (kept) return kept;
    const found = new Map();
    const put = (index, value) => found.set(index, Math.max(value, found.get(index) ?? 0));
    const [low, high] = this.#range(word);
    for (let index = low; index < high; index++) put(index, prefix);
    if (this.position.has(word)) put(this.position.get(word), EXACT);
    // a number is not misspelt: 1989 is not nearly 1988
    else if (!/^\d+$/.test(word)) this.#misspelt(word, put);
    const matches = [...found].sort((a, b) => a[1] - b[1]);
    if (this.#cache.size >= MAX_KEPT) this.#cache.delete(this.#cache.keys().next().value);
    this.#cache.set(key, matches);
    return matches;
  }

  #misspelt(word, put) {
    const most = word.length < 3 ? 0 : word.length < 7 ? 1 : 2;
    const own = mask(word);
    for (let index = 0; most && index < this.vocabulary.length; index++) {
      const other = this.vocabulary[index];
      if (Math.abs(other.length - word.length) > most || bitCount(own ^ this.masks[index]) > 2 * most) continue;
      const distance = edits(word, other, most);
      if (distance <= most) put(index, EDITED * (1 - distance / Math.max(word.length, other.length)));
    }
    if (word.length < 5) return;
    const [low, high] = this.#range(word.slice(0, 2));
    for (let index = low; index < high; index++) {
      if (edits(word, this.vocabulary[index].slice(0, word.length), 1) <= 1) put(index, EDITED_PREFIX);
    }
  }

  /** First and behind the last word that begins with `prefix`. */
  #range(prefix) {
    return [this.#lower(prefix), this.#lower(`${prefix}\uffff`)];
  }

  #lower(word) {
    let low = 0, high = this.vocabulary.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.vocabulary[middle] < word) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
