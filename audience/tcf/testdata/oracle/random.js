'use strict';
// A seeded generator (mulberry32), so that the files come out the same.
module.exports = function (seed) {
  const next = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const int = (from, to) => from + Math.floor(next() * (to - from + 1));
  const chance = (p) => next() < p;
  // A set of numbers from 1 to max: sparse, dense or in runs.
  const set = (max) => {
    const out = new Set();
    const kind = int(0, 3);
    if (kind === 1) for (let i = int(0, 6); i > 0; i--) out.add(int(1, max));
    if (kind === 2) for (let i = 1; i <= Math.min(max, 120); i++) if (chance(0.4)) out.add(i);
    if (kind === 3) {
      for (let at = int(1, 40), i = int(1, 4); i > 0 && at <= max; i--) {
        const end = Math.min(max, at + int(0, 25));
        for (let n = at; n <= end; n++) out.add(n);
        at = end + int(2, 200);
      }
    }
    return [...out].sort((a, b) => a - b);
  };
  // Sets are written as runs, [first, last], to keep the files small.
  const runs = (list) => {
    const out = [];
    for (const n of list) {
      const last = out[out.length - 1];
      if (last && last[1] === n - 1) last[1] = n;
      else out.push([n, n]);
    }
    return out;
  };
  return { int, chance, set, runs };
};
