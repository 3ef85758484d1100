// Which part of a title answers what was typed.

/**
 * The title as nodes, words that begin like a word of the query in <mark>.
 * @param {string} title
 * @param {string} query
 * @returns {(string | HTMLElement)[]}
 */
export function marked(title, query) {
  const nodes = [];
  let at = 0;
  for (const [from, to] of matches(title, query)) {
    if (from > at) nodes.push(title.slice(at, from));
    const mark = document.createElement("mark");
    mark.textContent = title.slice(from, to);
    nodes.push(mark);
    at = to;
  }
  if (at < title.length) nodes.push(title.slice(at));
  return nodes;
}

/**
 * Ranges of a title that answer a query, in order, none of them overlapping.
 * @param {string} title
 * @param {string} query
 * @returns {[number, number][]}
 */
export function matches(title, query) {
  const { text, origins } = folded(title);
  const words = folded(query).text.match(/[\p{L}\p{N}]+/gu) ?? [];
  const ranges = [];
  for (const { 0: word, index } of text.matchAll(/[\p{L}\p{N}]+/gu)) {
    const begun = words.filter((asked) => word.startsWith(asked));
    const best = Math.max(0, ...begun.map((asked) => asked.length));
    if (best) ranges.push([origins[index], origins[index + best]]);
  }
  return ranges;
}

/** Case and accents folded away; origins[i]: where in the text its letter i comes from. */
function folded(given) {
  let text = "";
  const origins = [];
  let at = 0;
  for (const letter of given) {
    const plain = letter.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    for (let place = 0; place < plain.length; place += 1) origins.push(at);
    text += plain;
    at += letter.length;
  }
  origins.push(at);
  return { text, origins };
}
