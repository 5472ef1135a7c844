import { render } from 'preact';
import { guardDrafts } from '../state/drafts.ts';
import { hearKeys } from '../state/keys.ts';
import { followLinks } from '../state/place.ts';
import { loadMe } from '../state/session.ts';
import { html } from '../ui/html.ts';
import { App } from './app.ts';

const root = document.getElementById('app');
if (root) {
  followLinks();
  hearKeys();
  guardDrafts();
  void loadMe();
  root.replaceChildren();
  render(html`<${App} />`, root);
}
