const number = (value: number) => value.toLocaleString("en-US");

/** Every string that a person reads on the screen, by pane. Numbers and names come as arguments of functions. */
export const messages = {
  frame: {
    opening: "Opening …",
  },

  map: {},

  legend: {},

  toolbar: {},

  selection: {},

  search: {},

  filters: {
    none: "No filters",
    filtersOn: (n: number) => `${n} ${n === 1 ? "filter" : "filters"} on`,
    clear: "Clear filters",
    clearHint: "Show all documents again",
    clearOne: "Remove this filter",
    clearOf: (title: string) => `Remove the filter of ${title}`,
    chips: "Filters",
    documents: (n: number) => `${number(n)} ${n === 1 ? "document" : "documents"}`,
    passingOf: (n: number, all: number) => `${number(n)} of ${number(all)} documents`,
    passing: (n: number, all: number) => `${number(n)} of ${number(all)}`,
    technical: (n: number) => `Topics and technical columns (${n})`,
    log: "log scale",
    noValue: "no value",
    from: (title: string) => `${title}, from`,
    to: (title: string) => `${title}, to`,
    fromWord: "from",
    toWord: "to",
    find: "Find a value",
    findIn: (title: string) => `Find a value of ${title}`,
    more: (n: number) => `Show ${number(n)} more`,
    moreHint: "More values of this column",
    left: (n: number) => `and ${number(n)} more; type to find them`,
    expectedNumber: "Expected a number",
    bar: (range: string, n: number, all: number) => `${range}: ${n === all ? number(n) : `${number(n)} of ${number(all)}`} documents`,
    atLeast: (low: string) => `from ${low}`,
    atMost: (high: string) => `up to ${high}`,
    between: (low: string, high: string) => `${low} to ${high}`,
    andMore: (names: string, n: number) => `${names} and ${n} more`,
  },

  timeline: {
    name: (column: string) => `Timeline of ${column}`,
    all: "all",
    play: "Play",
    pause: "Pause",
    playHint: "Move the range through time",
    speed: "Speed",
    show: "Show the timeline",
    hide: "Hide",
    foldHint: "Bars of all documents by time",
  },

  reader: {},

  table: {},

  topics: {},

  tags: {},

  duplicates: {},
};
