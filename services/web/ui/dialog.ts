import { useLayoutEffect, useRef } from 'preact/hooks';
import { type Children, type Drawn, html } from './html.ts';

/** A dialog of the browser: it keeps the focus, and Escape closes it. */
export function Dialog({
  title,
  close,
  children,
  wide,
}: { title: string; close: () => void; wide?: boolean } & Children): Drawn {
  const own = useRef<HTMLDialogElement>(null);
  // Before it is painted: a key that comes at once is for the dialog already.
  useLayoutEffect(() => {
    const before = document.activeElement;
    own.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const outside = (event: MouseEvent) => event.target === own.current && close();
  return html`<dialog ref=${own} class=${wide ? 'wide' : ''} aria-labelledby="dialog-title" onClose=${close} onMouseDown=${outside}>
    <div class="dialog-body">
      <header class="row spread"><h2 id="dialog-title">${title}</h2><button type="button" class="plain" aria-label="Close" onClick=${close}>✕</button></header>
      ${children}
    </div>
  </dialog>`;
}
