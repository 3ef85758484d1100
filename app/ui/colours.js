// Which colour a film has, and what the colours mean: each way of colouring sorts films into a few classes.

const GENRES = 8;
const DECADES = 9;
const LIKES = [0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000, 100000];
export const WAYS = ["genre", "year", "likes", "source"];

/**
 * Sort the films of a catalogue into classes.
 * @param {string} way one of WAYS
 * @param {object} catalogue answer of source.catalogue()
 * @param {Iterable<number>} inferred rows of films that were not learned
 * @param {object} texts texts.map
 * @returns {{classes: {key: string, label: string, colour: string | number, count: number}[], of: Uint8Array}} `of`:
 *     the class of each row; colour: a custom property's name, or the place in the sequential scale, 0..1
 */
export function sorted(way, catalogue, inferred, texts) {
  const { classes, of } = { genre: byGenre, year: byYear, likes: byLikes, source: bySource }[way](
    catalogue, texts, inferred,
  );
  const counts = new Uint32Array(classes.length);
  for (const one of of) counts[one] += 1;
  classes.forEach((one, at) => {
    one.count = counts[at];
  });
  return { classes, of };
}

function byGenre({ genreNames, genres }, texts) {
  const firsts = new Uint32Array(genreNames.length);
  for (const its of genres) if (its.length) firsts[its[0]] += 1;
  const common = [...firsts.keys()].filter((genre) => firsts[genre]).sort((a, b) => firsts[b] - firsts[a] || a - b);
  const shown = common.slice(0, GENRES);
  const classes = shown.map((genre, at) => ({
    key: genreNames[genre], label: genreNames[genre], colour: `--map-${at + 1}`,
  }));
  const rest = common.slice(GENRES).map((genre) => genreNames[genre]);
  classes.push({ key: "other", label: rest.length ? texts.otherGenres(rest) : texts.noGenre, colour: "--map-other" });
  const classOf = new Uint8Array(genreNames.length).fill(shown.length);
  shown.forEach((genre, at) => {
    classOf[genre] = at;
  });
  return { classes, of: Uint8Array.from(genres, (its) => (its.length ? classOf[its[0]] : shown.length)) };
}

function byYear({ years }, texts) {
  const known = years.filter((year) => year !== null);
  const last = decade(known.reduce((most, year) => Math.max(most, year), 0));
  const earliest = decade(known.reduce((least, year) => Math.min(least, year), last));
  const first = Math.max(earliest, last - 10 * (DECADES - 1));
  const classes = [];
  for (let from = first; known.length && from <= last; from += 10) {
    const label = from === first && earliest < first ? texts.before(from + 10) : texts.decade(from);
    classes.push({ key: String(from), label, colour: part((from - first) / 10, (last - first) / 10 + 1) });
  }
  classes.push({ key: "unknown", label: texts.noYear, colour: "--map-other" });
  const of = Uint8Array.from(years, (year) =>
    year === null ? classes.length - 1 : (Math.max(first, decade(year)) - first) / 10,
  );
  return { classes, of };
}

function byLikes({ likes }, texts) {
  const most = likes.reduce((highest, number) => Math.max(highest, number), 0);
  const floors = LIKES.filter((floor) => floor <= most);
  const classes = floors.map((floor, at) => {
    const next = LIKES[at + 1];
    const label = next === undefined ? texts.likesFrom(floor) : texts.likesBetween(floor, next - 1);
    return { key: String(floor), label, colour: part(at, floors.length) };
  });
  return { classes, of: Uint8Array.from(likes, (number) => floors.findLastIndex((floor) => floor <= number)) };
}

function bySource({ movieIds }, texts, inferred) {
  const of = new Uint8Array(movieIds.length);
  for (const row of inferred) of[row] = 1;
  const classes = [
    { key: "learned", label: texts.learned, colour: "--map-1" },
    { key: "inferred", label: texts.inferred, colour: "--map-2" },
  ];
  return { classes, of };
}

const decade = (year) => Math.floor(year / 10) * 10;
const part = (at, count) => (count > 1 ? at / (count - 1) : 1);

/**
 * Read colours as they are on screen now, light or dark.
 * @param {Element} element whose custom properties count
 * @returns {(colour: string | number) => number[]} custom property or place in the scale -> red, green, blue
 */
export function palette(element) {
  const probe = element.ownerDocument.createElement("span");
  probe.className = "map-probe";
  element.append(probe);
  const read = (name) => {
    probe.style.color = `var(${name})`;
    return (getComputedStyle(probe).color.match(/[\d.]+/g) ?? [0, 0, 0]).slice(0, 3).map(Number);
  };
  const names = ["--map-ground", "--map-faint", "--map-other", "--map-ink", "--map-lit", "--map-low", "--map-middle"];
  const known = new Map([...names, "--map-high"].map((name) => [name, read(name)]));
  for (let at = 1; at <= GENRES; at++) known.set(`--map-${at}`, read(`--map-${at}`));
  probe.remove();
  const stops = ["--map-low", "--map-middle", "--map-high"].map((name) => known.get(name));
  return (colour) => (typeof colour === "number" ? between(stops, colour) : known.get(colour));
}

/** A colour of a scale of three. */
export function between([low, middle, high], place) {
  const [from, to, share] = place < 0.5 ? [low, middle, place * 2] : [middle, high, place * 2 - 1];
  return mixed(from, to, share);
}

/** A colour between two; 0 is the first. */
export function mixed(from, to, share) {
  return from.map((value, at) => Math.round(value + (to[at] - value) * share));
}

/** Red, green, blue as CSS. */
export const css = (rgb) => `rgb(${rgb.join(" ")})`;
