import { curlWords } from '../rules/curl-words.ts';
import type { Call } from '../state/api-call.ts';
import { base } from '../state/base.ts';
import { asked, offered } from '../state/calls.ts';
import { CopyButton } from './copy-button.ts';
import { Dialog } from './dialog.ts';
import { type Drawn, html } from './html.ts';

/** Everything that the page does, as commands. */
export function CurlDialog({ close }: { close: () => void }): Drawn {
  return html`<${Dialog} title="This page as commands" close=${close} wide>
    <p class="muted">The page uses only the public API. Put your token into <code>TOKEN</code>; all calls are described in <a href=${`${base}/docs`} target="_blank">the documentation of the API</a>.</p>
    ${offered.value.length > 0 && html`<h3>What its buttons do</h3>${offered.value.map((call) => html`<${Command} says=${call.says} call=${call} />`)}`}
    <h3>What it has asked</h3>
    ${asked.value.map((call) => html`<${Command} says="" call=${call} />`)}
  <//>`;
}

function Command({ says, call }: { says: string; call: Call }): Drawn {
  const words = curlWords(call, location.origin + base);
  return html`<div class="command">${says && html`<p>${says}</p>`}<div class="row"><pre tabindex="0">${words}</pre><${CopyButton} text=${words} /></div></div>`;
}
