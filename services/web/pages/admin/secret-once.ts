import { CopyButton } from '../../ui/copy-button.ts';
import { Dialog } from '../../ui/dialog.ts';
import { type Drawn, html } from '../../ui/html.ts';

/** A secret that nobody can look up again. It goes from the page when the dialog closes. */
export function SecretOnce({ title, secret, close }: { title: string; secret: string; close: () => void }): Drawn {
  return html`<${Dialog} title=${title} close=${close}><p>It is shown only now. Put it where it is used before you close this.</p>
    <div class="row"><pre class="secret grow" tabindex="0">${secret}</pre><${CopyButton} text=${secret} /></div>
    <footer class="row end"><button type="button" class="primary" onClick=${close}>I have it</button></footer><//>`;
}
