import { countWords } from '../../rules/time-words.ts';
import { moment } from '../../state/browser-clock.ts';
import { Dialog } from '../../ui/dialog.ts';
import { type Drawn, html } from '../../ui/html.ts';

const day = 86_400_000;
const ends: readonly (readonly [says: string, days: number | null])[] = [
  ['for good', null],
  ['for 30 days', 30],
  ['for 90 days', 90],
  ['for a year', 365],
];

export type Suppression = { readonly reason: string; readonly until: string | null };

/** Why findings are silenced, and for how long. */
export function SuppressDialog({
  count,
  close,
  run,
}: {
  count: number;
  close: () => void;
  run: (suppression: Suppression) => void;
}): Drawn {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const days = Number(given.get('days') ?? 0);
    close();
    run({
      reason: String(given.get('reason') ?? '').trim(),
      until: days > 0 ? new Date(moment() + days * day).toISOString() : null,
    });
  };
  return html`<${Dialog} title=${`Suppress ${countWords(count, 'finding')}`} close=${close}><form onSubmit=${submit}>
    <p class="muted">It stays known, and is not counted, mailed or mended. You can undo it.</p>
    <label class="field"><span>Reason, for whoever asks in a year</span><textarea name="reason" rows="3" maxlength="1024" required autofocus></textarea></label>
    <fieldset class="row wrap plain-set"><legend>How long</legend>${ends.map(([says, days], index) => html`<label class="row"><input type="radio" name="days" value=${days ?? 0} defaultChecked=${index === 0} /> ${says}</label>`)}</fieldset>
    <footer class="row end"><button type="button" onClick=${close}>Cancel</button><button class="primary">Suppress</button></footer>
  </form><//>`;
}
