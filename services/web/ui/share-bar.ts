import { shareWords } from '../rules/spending-words.ts';
import { type Drawn, html } from './html.ts';

/** How much of something is used: a bar, and the same in words. */
export function ShareBar({ share, of }: { share: number; of: string }): Drawn {
  const tone = share >= 1 ? 'bad' : share >= 0.8 ? 'warn' : 'good';
  return html`<span class="share" title=${of}><span class="share-bar" aria-hidden="true"><i class=${tone} style=${{ width: `${Math.min(100, share * 100)}%` }}></i></span><span class=${`small ${tone === 'good' ? '' : `${tone}-text`}`}>${shareWords(share)}</span><span class="unseen"> of ${of}</span></span>`;
}
