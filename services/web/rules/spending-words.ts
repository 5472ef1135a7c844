/** US dollars as people say them: `$12.30`, `$0.0042` below a cent, `$0.00` for nothing. */
export function dollarWords(usd: number): string {
  if (usd > 0 && usd < 0.01) return `$${usd.toFixed(4)}`;
  return usd.toLocaleString('en-US', { style: 'currency', currency: 'USD' });
}

/** A number of tokens: `179,600`. */
export const tokenWords = (tokens: number): string => tokens.toLocaleString('en');

/** An amount of a budget: `200,000 tokens`, `$50.00`. */
export function amountWords(amount: number, unit: string): string {
  return unit === 'usd' ? dollarWords(amount) : `${tokenWords(amount)} tokens`;
}

type Scope = { readonly level: string; readonly of: string; readonly per: string };

/** Whose budget it is, and for which span: `the farm, a day`. */
export function budgetWords({ level, of, per }: Scope): string {
  return `${level === 'farm' ? 'the farm' : `${level === 'owner' ? 'the team' : `the ${level}`} ${of}`}, ${per === 'attempt' ? 'an attempt' : `a ${per}`}`;
}

/** A share as a whole percentage; what is not quite all is never said to be. */
export function shareWords(share: number): string {
  const percent = Math.round(share * 100);
  return `${share < 1 ? Math.min(99, percent) : percent} %`;
}
