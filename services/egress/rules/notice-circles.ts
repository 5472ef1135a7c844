/** Notices that the same things are done again and again. */
type CircleWatch = {
  /** Takes one act; answers what was repeated once it is a circle, else null. */
  saw(act: string): { readonly act: string; readonly times: number } | null;
};

const longestPeriod = 3;

/** The same act, or the same two or three in turn, `times` times in a row. */
export function circleWatch(times = 10): CircleWatch {
  const acts: string[] = [];
  const repeats = (period: number): boolean => {
    const wanted = period * times;
    if (acts.length < wanted) return false;
    const last = acts.slice(-wanted);
    return last.every((act, at) => act === last[at % period]);
  };
  return {
    saw(act) {
      acts.push(act);
      if (acts.length > longestPeriod * times) acts.shift();
      for (let period = 1; period <= longestPeriod; period += 1) if (repeats(period)) return { act, times };
      return null;
    },
  };
}
