import { signal } from '@preact/signals';
import { type DiffFile, type DiffLine, pairLines, parseDiff } from '../../rules/parse-diff.ts';
import { type Drawn, html } from '../html.ts';
import { CodeText } from './code-view.ts';

const kept = 'crafting-diff';
const isSplit = signal(localStorage.getItem(kept) === 'split');

function choose(split: boolean): void {
  isSplit.value = split;
  localStorage.setItem(kept, split ? 'split' : 'unified');
}

const marks = { added: '+', removed: '−', same: ' ', note: '' } as const;
const spoken = { added: 'added', removed: 'removed', same: '', note: '' } as const;
const mostLines = 2_000;

/** A diff, unified or side by side. */
export function DiffView({ diff }: { diff: string }): Drawn {
  const files = parseDiff(diff);
  return html`<div class="row wrap pad"><button type="button" aria-pressed=${!isSplit.value} onClick=${() => choose(false)}>Unified</button><button type="button" aria-pressed=${isSplit.value} onClick=${() => choose(true)}>Split</button>
      <span class="muted">${files.length} ${files.length === 1 ? 'file' : 'files'}</span></div>
    ${files.map((file) => html`<${OneFile} key=${file.path} file=${file} />`)}`;
}

function OneFile({ file }: { file: DiffFile }): Drawn {
  const long = file.hunks.reduce((sum, { lines }) => sum + lines.length, 0) > mostLines;
  return html`<details class="diff-file" open=${!long}><summary><span class="mono">${file.before && html`${file.before} → `}${file.path}</span> <span class="good-text">+${file.added}</span> <span class="bad-text">−${file.removed}</span></summary>
    <div class=${`code diff ${isSplit.value ? 'split' : ''}`} tabindex="0" role="region" aria-label=${`Changes of ${file.path}`}>${file.hunks.map(
      ({ head, lines }) =>
        html`<div class="hunk-head">${head}</div>${
          isSplit.value
            ? pairLines(lines).map(
                ([left, right]) =>
                  html`<div class="pair"><${Row} line=${left} path=${file.path} number=${left?.before ?? null} /><${Row} line=${right} path=${file.path} number=${right?.after ?? null} /></div>`,
              )
            : lines.map((line) => html`<${Row} line=${line} path=${file.path} number=${line.after ?? line.before} />`)
        }`,
    )}</div></details>`;
}

function Row({ line, path, number }: { line: DiffLine | null; path: string; number: number | null }): Drawn {
  if (!line) return html`<div class="code-line none"></div>`;
  return html`<div class=${`code-line ${line.kind}`}><span class="no">${number}</span><span class="mark" aria-hidden="true">${marks[line.kind]}</span>${spoken[line.kind] && html`<span class="unseen">${spoken[line.kind]} </span>`}<span class="text"><${CodeText} text=${line.text} path=${path} /></span></div>`;
}
