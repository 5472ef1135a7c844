import { render } from 'preact';
import { hearKeys } from '../state/keys.ts';
import { followLinks } from '../state/place.ts';
import { loadMe } from '../state/session.ts';
import { html } from '../ui/html.ts';
import { App } from './app.ts';

const root = document.getElementById('app');
if (root) {
  followLinks();
  hearKeys();
  void loadMe();
  root.replaceChildren();
  render(html`<${App} />`, root);
}
