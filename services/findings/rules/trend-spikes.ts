type Day = { readonly date: string; readonly opened: number };

/** Fewer new findings are no news, however calm the days around were. */
const fewest = 5;

/** Days on which far more became open than usual: more than three standard deviations over the mean of the other days. */
export function spikesIn(days: readonly Day[]): Day[] {
  return days.filter((day) => {
    const others = days.filter((one) => one !== day).map(({ opened }) => opened);
    if (day.opened < fewest || others.length < 7) return false;
    const mean = others.reduce((sum, one) => sum + one, 0) / others.length;
    const spread = Math.sqrt(others.reduce((sum, one) => sum + (one - mean) ** 2, 0) / others.length);
    return day.opened > mean + 3 * spread;
  });
}
