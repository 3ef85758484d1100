// How far each page of the history was scrolled: back leads to the same line.

/** The browser's own memory is of no use here: it scrolls before there is anything to scroll. */
export class Places {
  constructor() {
    history.scrollRestoration = "manual";
    this.tops = new Map();
    this.count = 0;
    this.target = 0;
    this.at = null;
  }

  /** Note where the page being left was, and where the one being entered is to be; `keep`: where it is now. */
  enter(keep = false) {
    if (this.at !== null) this.tops.set(this.at, scrollY);
    const known = history.state?.place;
    this.at = known ?? `${performance.timeOrigin}/${++this.count}`;
    if (!known) history.replaceState({ place: this.at }, "");
    this.target = keep ? scrollY : (this.tops.get(this.at) ?? 0);
  }

  /** Go there, now that it is on screen. */
  settle() {
    scrollTo({ top: this.target, behavior: "instant" });
  }
}
