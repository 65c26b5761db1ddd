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

  filters: {},

  timeline: {},

  reader: {},

  table: {},

  topics: {},

  tags: {},

  duplicates: {},
};
