/** What has gone wrong: by walk, or under `screens`, `layout` or `size`. Each is told at once. */
export const problems = {
  count: 0,
  found: { screens: [], layout: [], size: [] },
  under: 'screens',
  push(problem, under = this.under) {
    this.count++;
    this.found[under].push(problem);
    console.error(`✗ ${problem}`);
  },
};
