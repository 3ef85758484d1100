// Every English word of the explorer, by view. Values are strings, or functions of what is to be said.

const MODELS = { item2vec: "Item2vec", deepwalk: "DeepWalk", node2vec: "Node2vec", blend: "Blend" };
const many = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 2 });
const n = (value) => many.format(value);
const films = (value) => `${n(value)} ${value === 1 ? "film" : "films"}`;
const viewers = (value) => `${n(value)} ${value === 1 ? "viewer" : "viewers"}`;
const signed = (value) => `${Number(value) > 0 ? "+" : ""}${value}`.replace("-", "\u2212");
const few = (value) => (value >= 100 ? n(Math.round(value)) : short.format(value));
const times = (value) => (few(value) === "1" ? "about as often" : `${few(value)} times as often`);
const percent = (share) => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)}%`;
// what the dial adds, as docs/api.md has it
const dialled = (popularity, likes) => (0.1 * Number(popularity) * Math.log1p(likes)).toFixed(3);
const DAY = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
const day = (at) => new Date(at).toLocaleDateString("en-GB", DAY);

export const texts = {
  common: {
    brand: "Kindred",
    model: (name) => MODELS[name] ?? name,
    untitled: (id) => `Film ${id}`,
    films,
    viewers,
    views: "Views",
    map: "Map",
    taste: "Your taste",
    card: "Model card",
    inBasket: (count) => ` (${films(count)} chosen)`,
    dataLabel: "Learned from: ",
    unnamedData: "unnamed data",
    releaseLabel: "Release ",
    releasedOn: (at) => `, ${day(at)}`,
    newRelease: "A newer release answers now.",
    showNewRelease: "Show it",
    loading: "Loading …",
    toDark: "Dark colours",
    toLight: "Light colours",
    like: {
      word: "Liked it", of: (title) => `Liked ${title}`, added: (title) => `${title} is in your taste, as liked.`,
    },
    dislike: {
      word: "Not for me", of: (title) => `${title} is not for me`,
      added: (title) => `${title} is in your taste, as disliked.`,
    },
    takenOut: (title) => `${title} is taken out of your taste.`,
    basketFull: (most) => `Your taste is full: ${n(most)} films are the most.`,
  },

  search: {
    label: "Search films",
    placeholder: "Search films",
    results: "Films found",
    count: (total) => (total === 1 ? "One title found." : `${n(total)} titles found, best first.`),
    facts: (genres, likes) => [...genres.slice(0, 3), `${likes} likes`].join(" · "),
    nothing: (query, near) => `No title is quite like “${query}”.${near ? " The nearest there are:" : ""}`,
    failed: "The search could not be answered. Type on to try again.",
    noRelease: "There is no release to search yet.",
  },

  home: {
    pageTitle: "Kindred: what else is like it?",
    title: "People who loved this, what else is like it?",
    lead: (viewers_, likes, films_) =>
      `Kindred has learned from ${n(likes)} likes of ${viewers(viewers_)} which of ${films(films_)} go together. `
      + "Look for one you know: its page shows what is nearest, and why.",
    label: (label) => `The data here: ${label}.`,
    mostLiked: "Most liked",
    likesWord: " likes",
    noFilms: "This release holds no films.",
    ways: "Other ways in",
    wayTexts: {
      map: ["The map", "All films as points; what is liked by the same people lies together."],
      taste: ["Your taste", "Name films you love, and some you do not: what suits all of them?"],
      card: ["The model card", "How good the answers are on likes held back, beside simple baselines."],
    },
  },

  film: {
    onlyGenre: "Only this genre: ",
    likedBy: (likes, all) => (likes ? `Liked by ${n(likes)} of ${viewers(all)}.` : "Nobody has liked it yet."),
    origin: (source, model) => (source === "learned"
      ? `Its place in ${model} was learned from what else its viewers liked.`
      : `Too few viewers liked it to learn from: ${model} infers its place from genres, year, title and tags.`),
    compare: "Compare models",
    map: "On the map",
    dials: "Model, dials and filters",
    dialsState: (model, relation, set) => `${model} · ${relation}${set ? ` · ${n(set)} set` : ""}`,
    model: "Model",
    relation: "Relation",
    relations: { similar: "Similar", next: "Watched next" },
    notKnown: "This model cannot be asked for it",
    popularity: "Popularity",
    popularityEnds: ["hidden gems", "well known"],
    popularityWords: (value) =>
      (value ? `${signed(value)}, towards ${value > 0 ? "well known" : "hidden gems"}` : "0, as it is"),
    diversity: "Diversity",
    diversityEnds: ["by score", "unlike each other"],
    diversityWords: (value) => (value ? `${value}, towards unlike each other` : "0, by score alone"),
    genre: "Genre",
    anyGenre: "Any genre",
    years: "Years",
    yearFrom: "From year",
    yearTo: "To year",
    minLikes: "Liked by at least",
    learnedOnly: "Only learned from viewers",
    reset: "Reset dials and filters",
    heading: (relation, title) => (relation === "next" ? `Watched right after ${title}` : `Most like ${title}`),
    count: (shown, total, model) => {
      const bold = "Genres in common are in bold.";
      if (shown < total) return `${n(shown)} of ${films(total)} that pass, by ${model}. ${bold}`;
      return `${films(total)} ${total === 1 ? "passes" : "pass"}, by ${model}.${total ? ` ${bold}` : ""}`;
    },
    announced: (shown, total, model) => `${n(shown)} of ${films(total)}, by ${model}.`,
    likes: (likes) => (likes === 1 ? "1 like" : `${n(likes)} likes`),
    shared: " (in common)",
    inferred: "inferred",
    why: "Why",
    scoreWords: (film, { movie, model, relation }, params) => [
      relation === "next"
        ? `How well “${film.title}” fits right after “${movie.title}” in ${texts.common.model(model.name)}: `
          + (model.name === "blend"
            ? "the mean of its three models, and how often the one came after the other."
            : "its output vector times the other's input vector, without bounds.")
        : model.name === "blend"
          ? "How near the two are in Blend: the mean cosine of its three models, and a little for what the films are "
            + "about, how many like them, and how many like both. It may exceed 1."
          : `How near the two are in ${texts.common.model(model.name)}: the cosine of their vectors, from −1 to 1.`,
      Number(params.get("popularity"))
        ? `${signed(dialled(params.get("popularity"), film.likes))} of it is the popularity dial's.`
        : "",
      Number(params.get("diversity")) ? "The diversity dial moves films, not their scores." : "",
      film.source === "inferred" ? "Inferred: the films are of like kinds, which says nothing of who liked both." : "",
      "Scores order this list. They are no probabilities, and no measure between models.",
    ].filter(Boolean),
    more: (count) => `Show ${n(count)} more`,
    none: "No film passes all of these filters.",
    loosenAll: "Not even without any one of them: loosen more than one.",
    loosen: {
      genre: "Any genre", years: "Any year", minLikes: "However few like it", learnedOnly: "Inferred ones too",
    },
    wouldBe: (total) => ` ${films(total)}`,
    curl: "Copy as curl",
    curlLabel: "The request behind this list",
    copied: "Copied",
    selected: "Selected: copy it by hand",
  },

  why: {
    heading: "Why ",
    close: "Close the evidence",
    ready: (title) => `The evidence for ${title} is there.`,
    liked: "Liked together",
    noCounts: "This release keeps no counts of who liked what.",
    likedWords: ({ viewers: all, likes, otherLikes, likedBoth, floor, expected, lift }, movie, other) => {
      if (!likes || !otherLikes) {
        return `Nobody has liked ${likes ? other.title : movie.title} yet: there is nothing to count. Where it stands `
          + "was inferred from what it is about.";
      }
      const chance = `By chance it would have been ${few(expected)}`;
      if (likedBoth === null) {
        return `Fewer than ${n(floor)} of ${viewers(all)} liked both; how many was not kept. ${chance}.`;
      }
      const both = likedBoth ? n(likedBoth) : "None";
      return `${both} of ${viewers(all)} liked both. ${chance}${lift ? `: that is ${times(lift)}` : ""}.`;
    },
    both: "both",
    chance: "chance",
    intervalWords: ({ lift, liftLow, liftHigh, confidence }) => {
      const sure = `${Math.round(confidence * 100)}% interval: ${few(liftLow)} to ${few(liftHigh)} times as often as `
        + "by chance.";
      if (liftLow > 1) return `${sure} All of it is above 1: more often than chance.`;
      if (liftHigh < 1) return `${sure} All of it is below 1: less often than chance.`;
      return `${sure} It holds 1: ${lift === null ? "nothing can be said" : "chance alone could do this"}.`;
    },
    watched: "Liked right after each other",
    nextWords: (from, to, count, share) => {
      if (share === null) return `Nobody liked anything after ${from}.`;
      if (!count) return `Nobody's next like after ${from} was ${to}.`;
      return `After ${from} came ${to} for ${viewers(count)}: ${percent(share)} of all that followed.`;
    },
    genres: "Genres in common",
    noGenres: "None.",
    places: "Where each model puts it",
    placesCaption: (title, other) => `Rank and score of ${other} in the lists of ${title}, without dials and filters`,
    relations: { similar: "Similar", next: "Watched next" },
    model: "Model",
    notAsked: "cannot be asked",
    never: "never an answer",
    beyond: (total) => `not among ${n(total)}`,
    of: (total) => ` of ${n(total)}`,
    inferredMark: " inferred",
    here: " (the list shown)",
    scoresNote: "Ranks can be compared between models, scores cannot.",
    map: (model) => `On the map of ${model}`,
  },

  map: {
    title: "Map of films",
    lead: "Films liked by the same people stand near each other. Each point is a film; point at it for its name.",
    role: "map",
    label: "Map of films",
    keys: "Arrow keys move the map, plus and minus zoom, 0 shows all. The films in view are listed after the map.",
    model: "Model",
    colour: "Colour by",
    colours: { genre: "Genre", year: "Year", likes: "Likes", source: "Learned or inferred" },
    genre: "Genre",
    allGenres: "All genres",
    select: "Select an area",
    selecting: "Draw a rectangle on the map to list the films in it.",
    zoom: "Zoom",
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    reset: "Show all",
    legend: {
      genre: "Colours: the first genre of a film",
      year: "Colours: the year of a film",
      likes: "Colours: how many viewers liked a film",
      source: "Colours: how a film's place was found",
    },
    alone: (label) => `Show alone: ${label}`,
    allClasses: "Show all again",
    otherGenres: (names) => (names.length === 1 ? names[0] : "Other genres"),
    noGenre: "No genre",
    decade: (from) => `${from}s`,
    before: (year) => `Before ${year}`,
    noYear: "Year unknown",
    likesFrom: (least) => `${n(least)} and more`,
    likesBetween: (least, most) => (least === most ? `${n(least)}` : `${n(least)}\u2013${n(most)}`),
    learned: "Learned from viewers",
    inferred: "Inferred from genres, year, title",
    tip: (likes, inferred) => `${n(likes)} ${likes === 1 ? "like" : "likes"} · ${inferred ? "inferred" : "learned"}`,
    likes: "likes",
    inView: "Films in view",
    inArea: "Films in the selected area",
    clearArea: "Clear the selection",
    counted: (count, shown) => (count > shown ? `${films(count)}; the ${n(shown)} most liked` : films(count)),
    genresIn: (genres) => genres.map(({ name, share }) => `${name} ${Math.round(100 * share)}%`).join(", "),
    lit: (count, model) => ` is lit, and the ${films(count)} most similar to it by ${model}.`,
    unknown: (id) => `No film ${id} in this release.`,
    unlight: "Clear",
    noMap: (model) => `This release has no map of ${model}: it was trained by an older version, or without one.`,
    meaning: (method, model, dimension) => [
      dimension
        ? `${model} knows a film as ${n(dimension)} numbers; this picture has two.`
        : "Two numbers for each film.",
      method === "umap"
        ? "UMAP places films so that near neighbours stay near; how far apart groups are, and how large, means little."
        : "PCA keeps the two directions in which films differ most, and drops the others.",
      "Films side by side are usually alike, not always, and films far apart can still be close in what is left out.",
      "The axes have no unit. Lists of similar films use all numbers.",
    ].join(" "),
    closeness: (nearer) => {
      const than = `nearer than ${Math.floor(100 * (1 - nearer))}% of films`;
      if (nearer === 0) return "side by side: no film is nearer";
      if (nearer <= 0.05) return `close together: ${than}`;
      if (nearer <= 0.25) return `rather close: ${than}`;
      return nearer <= 0.5 ? `not close: ${than}` : `far apart: ${Math.floor(100 * nearer)}% of films are nearer`;
    },
    mini: (nearer) => `A and B are ${texts.map.closeness(nearer)}.`,
    miniLabel: (nearer) => `Map of all films, two of them marked A and B: ${texts.map.closeness(nearer)}`,
    miniNone: "No map for these films.",
    miniFailed: "The map could not be loaded.",
  },

  compare: {
    label: "Models compared",
    title: (title, year) => `${title}${year}: models compared`,
    intro: "What each model answers for this film. A line joins the same film in neighbouring lists; point at one to "
      + "find it in the others. Ranks can be compared between models, scores cannot.",
    models: "Models",
    relation: "Relation",
    relations: { similar: "Similar", next: "Watched next" },
    length: "In each list",
    limit: films,
    atLeastOne: "At least one model has to be chosen.",
    strange: (names) => `Not there, or not to be asked for this: ${names.join(", ")}.`,
    lists: "The lists, side by side",
    inferred: "inferred",
    inferredTitle: "Too few viewers liked the film to learn from: placed by genres, year, title and tags.",
    this: "Compare models for this film",
    thisFilm: (title) => `Compare models for ${title}`,
    inLists: (count, lists) => {
      if (count === lists) return `in all ${n(lists)} lists`;
      return count === 1 ? "in this list only" : `in ${n(count)} of ${n(lists)} lists`;
    },
    empty: "No film is an answer here.",
    summary: ({ lists, all, one, different }) => (lists < 2
      ? "One list. Choose another model to compare it with."
      : `${films(different)} in ${n(lists)} lists: ${all ? n(all) : "none"} in all of them, ${n(one)} in one only.`),
    announced: (lists) => `${n(lists)} ${lists === 1 ? "list" : "lists"}.`,
    agreement: "How much they agree",
    and: " and ",
    pairColumns: ["Models", "Films in both", "Agreement from the top", "In common"],
    shared: (count, of) => `${n(count)} of ${n(of)}`,
    words: { nearly: "nearly all", much: "much", some: "some", little: "little", nothing: "nothing" },
    noPair: "one of the lists is empty",
    meaning: "“Agreement from the top” is rank-biased overlap: 1 for the same films in the same order, 0 for none in "
      + "common; the first ten places weigh 86%. Models that agree need not be right: they may agree on what is "
      + "popular.",
  },

  taste: {
    title: "Your taste",
    intro: "Name films you love, and some that are not for you. What goes with all of them together is looked for, and "
      + "each answer says which of yours it is owed to. Nothing is stored: the address of this page holds it all.",
    basket: "Your films",
    search: "Add a film",
    placeholder: "Add a film",
    addAs: "What is added is",
    kinds: { like: "Liked", dislike: "Not for me" },
    lists: { like: "Liked", dislike: "Not for me" },
    noneYet: { like: "No film yet.", dislike: "None. Films here count half, and push away." },
    latestTop: "The latest stands on top and counts most.",
    counts: (weight) => `counts ${(weight * 100).toFixed()}%`,
    added: {
      like: (title) => `${title} is in your taste, as liked.`,
      dislike: (title) => `${title} is in your taste, as not for you.`,
    },
    there: (title) => `${title} is there already.`,
    notHere: "not in this release",
    move: { like: (title) => `I did like ${title}`, dislike: (title) => `${title} is not for me` },
    remove: (title) => `Take out ${title}`,
    later: (title) => `${title}: liked later`,
    earlier: (title) => `${title}: liked earlier`,
    placed: (place, of) => `Now at ${n(place)} of ${n(of)}.`,
    pulled: (count) => `first reason for ${films(count)}`,
    copyLink: "Copy link",
    copied: "Copied",
    selected: "The address is selected: copy it by hand.",
    address: "Address of this taste",
    clear: "Clear",
    cleared: "Your taste is empty. Back brings it back.",
    heading: "What goes with them",
    model: "Model",
    relation: "Relation",
    relations: { similar: "Similar", next: "Watched next" },
    weigh: "Likes count",
    weighs: { alike: "all alike", latest: "latest most" },
    popularity: { name: "Popularity", ends: ["hidden gems", "well known"] },
    diversity: { name: "Diversity", ends: ["by score", "unlike each other"] },
    count: (shown, total, model) => `${n(shown)} of ${films(total)}, by ${model}.`,
    announced: (shown, total) => `${n(shown)} of ${films(total)}.`,
    likes: (likes) => (likes === 1 ? "1 like" : `${n(likes)} likes`),
    inferred: "inferred",
    none: "Nothing goes with these films.",
    more: "Show more",
    empty: "No film is in your taste yet. Search for one, or begin with one of these:",
    onlyDislikes: "Films that are not for you say what to avoid. Add one that you like, to have a direction:",
    starters: "Liked by many",
    addNamed: (film) => `+ ${film.title}${film.year ? ` (${film.year})` : ""}`,
    because: (named) =>
      named.map(([title, share]) => `${title} ${share < 0 ? "\u2212" : ""}${Math.abs(share * 100).toFixed()}%`).join(", "),
    share: (title, share) => `${title}: ${percent(share)}`,
    byVectors: (relation, blend) => [
      "The percentages are shares of the pull, by vectors: how much of the likeness between your films' mean and the "
        + "answer each of yours brings, less than nothing where it pushes away.",
      relation === "next" ? "“Watched next” is scored by other vectors than these." : "",
      blend ? "Blend also counts what no vector holds: how many like a film, and how many like both." : "",
    ].filter(Boolean).join(" "),
    byLists: "The percentages are shares of the pull, by the stored lists: the scores that your films give the answer. "
      + "What is not among the nearest 100 of a film counts as nothing.",
    noReasons: "Which film pulled which could not be worked out just now.",
  },

  card: {
    title: "Model card",
    titleOf: (model) => `${model}: model card`,
    ofRelease: "The live release",
    ofModel: "Model card",
    tabs: "Models",
    all: "The whole release",
    yes: "yes",
    no: "no",
    relations: { similar: "Similar", next: "Watched next" },
    facts: "What it learned from",
    fact: {
      rows: "Rows read", likes: "Likes", minRating: "A like is a rating", users: "Viewers", movies: "Films",
      moviesLiked: "Films liked by anyone", span: "Rated between", file: "File", fingerprint: "Fingerprint",
      engine: "Trained on", histories: "Histories kept", continued: "Continued from", aligned: "Axes shared with",
      usual: "Answers when none is named",
    },
    fromRating: (rating) => `from ${rating} up`,
    kept: (count) => `of ${count} viewers`,
    models: "Models in it",
    modelColumns: ["Model", "Length of a vector", "Films learned", "Films inferred", "Can be asked for", "Size"],
    usual: "default",
    about: "What it is",
    recipes: {
      item2vec: "Films are words, and the films that one viewer liked, in order, are a sentence. What stands near the "
        + "same films gets a similar vector.",
      deepwalk: "Films are places, and “liked next” are the ways between them. Random walks along these ways are the "
        + "sentences that vectors are learned from.",
      node2vec: "As DeepWalk, but a walk remembers where it came from: p makes it return less or more, q keeps it near "
        + "or sends it far.",
      blend: "The mean of the other models, and a little of what counting knows: what films are about, how many like "
        + "them, how many like both. Steadier than any of its parts.",
    },
    measured: "How good it is",
    notMeasured: "Not measured: this release was trained without holding likes back.",
    howToMeasure: "“kindred train” measures by itself; “kindred evaluate” prints the same table.",
    notMeasuredShort: "not measured",
    heldOut: ({ protocol, questions, questionsInAll, viewers: asked, seeds }) =>
      `Likes were held back (${protocol}), everything learned from the rest, and ${n(questions)}`
      + `${questionsInAll > questions ? ` of ${n(questionsInAll)}` : ""} questions asked about ${viewers(asked)}: does `
      + "the film that was liked next stand near the top?"
      + (seeds?.length > 1 ? ` Trained ${n(seeds.length)} times.` : ""),
    task: "Asked from",
    tasks: { A: "one film", B: "a history" },
    metric: "In the picture",
    who: "Model or baseline",
    baseline: "baseline",
    plot: (metric) => `${metric} as a picture`,
    caption: (metric, task, questions) =>
      `Best first by ${metric}, asked from ${task}; ± and whiskers: 95% interval, ${questions} questions`,
    versus: "To the best baseline",
    sure: { better: "better", worse: "worse", level: "within chance" },
    reference: "The dashed line is the best baseline. The last column is the difference in HR@10 to it on the same "
      + "questions, with its 95% interval: where that holds 0, chance alone could make the difference.",
    skipped: (name, reason) => `${name}: ${reason}.`,
    glossary: "What the numbers mean",
    metrics: {
      "hr@10": { name: "HR@10", means: "Hit rate: the share of questions whose answer is among the first ten. 0.08 is "
        + "eight of a hundred." },
      "ndcg@10": { name: "NDCG@10", means: "As the hit rate, but a first place counts more than a tenth." },
      mrr: { name: "MRR", means: "Mean reciprocal rank: 1 for a first place, a half for a second, a third for a "
        + "third." },
      coverage: { name: "Coverage", means: "The share of liked films that are in any list of ten. Low: always the same "
        + "films are shown." },
      gini: { name: "Gini", means: "How unevenly films share the places in these lists: 0 all alike, 1 one takes them "
        + "all." },
    },
    baselines: {
      popularity: "Popularity", cooccurrence: "Co-occurrence", windowed: "Windowed co-occurrence",
      markov: "Markov chain", "item-knn": "Item-kNN", ease: "EASE",
    },
    baselinesMean: {
      popularity: "The most liked films, whatever was asked.",
      cooccurrence: "Which films those who liked the one liked too.",
      windowed: "The same, where near in time counts more.",
      markov: "What was liked right after, by counting.",
      "item-knn": "Films liked by the same viewers, as a cosine of columns.",
      ease: "A linear model of which film is owed to which others, solved in one step.",
    },
    settings: "Settings",
    settingHead: ["Setting", "Value", "What it is"],
    noSettings: "None are recorded.",
    settingMeans: {
      minRating: "a rating is a like from here on", vectorSize: "length of each vector",
      window: "films to each side that count as context", epochs: "passes over the data",
      hs: "hierarchical softmax", negative: "noise films for each pair; gives vectors for “watched next”",
      nsExponent: "noise films are drawn by likes to this power", minCount: "fewer places in the data: not learned",
      minLikes: "a film that fewer like is inferred", learningRate: "step size at the start", walks: "random walks",
      walkLength: "films in a walk", p: "large: walks seldom return", q: "small: walks go far",
      seed: "of walks and training", parts: "models that it is made of",
      content: "weight of what films are about", popularity: "weight of how many like a film",
      together: "weight of how many like both", after: "weight of what came right after",
      smoothing: "likes that are added before counting", mostLinks: "pairs kept for each film",
      inferredPlaces: "share of the places that inferred films may take", inferred: "how films were inferred",
    },
    sizes: "Size on disk",
    sizeHead: ["File", "Size"],
    total: "Together",
    history: "Releases",
    historyColumns: ["Trained", "State", "Data", "Films", "Models", "HR@10"],
    live: "live",
    unreadable: (count) => `${n(count)} more cannot be read.`,
    switches: (count) => `What went live when (${n(count)})`,
    switched: ({ do: what, from, to }) =>
      `${what === "rollback" ? "back to" : "live:"} ${to}${from ? `, before it ${from}` : ""}`,
    changes: "What the live release changed",
    firstRelease: "Nothing was live before it.",
    since: "Held against ",
    agreement: (near, model) => (near && near.overlap !== null
      ? `Lists of ten by ${model} share ${percent(near.overlap)} of their films, over ${films(near.movies)} that both `
        + "have learned."
      : "The two have no model in common that could be compared."),
    numbers: "Held-out numbers",
    noNumbers: "Neither of the two was measured.",
    beforeAfter: ["before", "after", "change"],
    chance: "Each release was asked about its own held-back likes; small changes are chance.",
    otherProtocol: ({ before, after }) =>
      `Not measured the same way (${before ?? "not at all"}, now ${after ?? "not at all"}): they cannot be compared.`,
    mostChanged: "Films whose lists changed most",
    inCommon: (share) => `${n(Math.round(share * 10))} of 10 in common`,
    added: (count) => `Films added: ${count}`,
    gone: (count) => `Films gone: ${count}`,
    andMore: (count) => `and ${n(count)} more`,
    showMore: (count) => `Show ${n(count)} more`,
    settingsChanged: "Settings that changed",
    sameSettings: "None.",
    settingColumns: ["Model", "Setting", "Before", "After"],
    newModel: "new in this release",
    goneModel: "no longer there",
  },

  errors: {
    retry: "Try again",
    home: "To the start",
    silent: "The service does not answer",
    silentText: "It may be starting or stopping. Nothing is lost: the address keeps what you were looking at.",
    offline: "No connection",
    offlineText: "This device is offline. The page goes on by itself when the connection is back.",
    noRelease: "No release yet",
    noReleaseText: "The service is running, but nothing has been trained and promoted so far. This page looks again by "
      + "itself.",
    unknownMovie: "No such film",
    unknownMovieText: (id) => `This release knows no film with the id “${id}”.`,
    unknownModel: "No such model",
    unknownModelText: "This release knows no model of that name.",
    noMap: "No map in this release",
    noMapText: "It was made by an older version, or trained with --map none.",
    nearest: "The nearest there are:",
    thereAre: "There are:",
    invalid: "That cannot be asked",
    invalidText: "Something in the address does not hold what it should:",
    fault: ({ parameter, message, found }) => `${parameter}: ${message}, found ${found || "nothing"}`,
    failed: (status) => `The service failed (${status})`,
    broken: "The page failed",
    brokenText: (message) => `This is a fault of ours: ${message}`,
    missing: "Nothing is here",
    missingText: "The address leads to no view of the explorer.",
  },
};
