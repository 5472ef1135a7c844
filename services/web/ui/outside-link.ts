import { type Children, type Drawn, html } from './html.ts';

const isWeb = (url: string): boolean => /^https?:\/\//i.test(url);

/** A link that leaves the farm: to a web page, or it is only text. */
export function OutsideLink({ url, button, children }: { url: string; button?: boolean } & Children): Drawn {
  if (!isWeb(url)) return html`<span>${children}</span>`;
  return html`<a class=${button ? 'button primary' : undefined} href=${url} target="_blank" rel="noreferrer">${children}</a>`;
}
