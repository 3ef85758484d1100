// A map and the catalogue it belongs to.

/**
 * The map of a model.
 * @param {object} app
 * @param {string} model
 * @returns {Promise<object | null>} null where the release has none
 */
export async function mapOf(app, model) {
  try {
    return await app.source.map(model, { signal: app.signal });
  } catch (error) {
    if (error.status === 404 && error.type?.endsWith("/no-map")) return null;
    throw error;
  }
}

/**
 * The catalogue and a map of one release, even if another goes live between the two.
 * @param {object} app
 * @param {string} model
 * @returns {Promise<[object, object | null]>}
 */
export async function bothOf(app, model) {
  for (let tries = 3; ; tries--) {
    const catalogue = app.source.catalogue({ signal: app.signal });
    const [films, map] = await Promise.all([catalogue, mapOf(app, model)]);
    if (map === null || belongs(map, films) || tries === 1) return [films, map];
  }
}

/** Whether a map has the films of a catalogue, in its order. */
export function belongs(map, catalogue) {
  return map.release === catalogue.release && map.x.length === catalogue.movieIds.length;
}
