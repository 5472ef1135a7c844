import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ansiSpans } from '../../rules/ansi-text.ts';
import { bytesWords, countWords } from '../../rules/time-words.ts';
import { CallFailed, type Problem } from '../../state/api-call.ts';
import { base } from '../../state/base.ts';
import type { Finding } from '../../state/documents.ts';
import { useKeys } from '../../state/keys.ts';
import { type LogStore, openLog } from '../../state/log-store.ts';
import { href, place } from '../../state/place.ts';
import { openRangedLog } from '../../state/ranged-log.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { EmptyState, ProblemBox } from '../../ui/messages.ts';
import { findingsByLine, firstTrouble, searchLog } from './search-log.ts';

const rowPx = 24;
/** Browsers draw nothing that is taller than some 30 million pixels. */
const tallestPx = 12_000_000;
const spare = 12;
/** A longer log is fetched as one scrolls; bytes. */
const largest = 4_000_000;

/** A log of any length: only what is looked at stands in the page. */
export function LogView({
  id,
  live,
  bytes,
  findings,
}: {
  id: string;
  live: boolean;
  bytes: number;
  findings: readonly Finding[];
}): Drawn {
  const [, redraw] = useState(0);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const [words, setWords] = useState('');
  const [hits, setHits] = useState<{ lines: readonly number[]; at: number; done: boolean }>({
    lines: [],
    at: -1,
    done: true,
  });
  const [follow, setFollow] = useState(live);
  const box = useRef<HTMLDivElement>(null);
  const log = useMemo<LogStore>(() => {
    const grew = (error: unknown) => {
      if (error instanceof CallFailed) setProblem(error.problem);
      redraw((before) => before + 1);
    };
    return !live && bytes > largest ? openRangedLog(id, bytes, grew) : openLog(id, live, grew);
  }, [id]);
  useEffect(() => () => log.close(), [log]);
  const count = log.lines();
  const tall = Math.min(tallestPx, count * rowPx);
  const scale = count * rowPx > tallestPx ? (tallestPx - height) / Math.max(1, count * rowPx - height) : 1;
  const first = Math.max(0, Math.floor(top / scale / rowPx) - spare);
  const last = Math.min(count, Math.ceil((top / scale + height) / rowPx) + spare);

  const goTo = (index: number) => {
    if (!box.current) return;
    setFollow(false);
    box.current.scrollTop = Math.max(0, index * rowPx - height / 3) * scale;
  };
  const chosen = Number(/^#L(\d{1,9})$/.exec(place.value.hash)?.[1] ?? 0);
  const reached = chosen > 0 && (count >= chosen || log.isWhole());
  useEffect(() => {
    if (reached) goTo(chosen - 1);
  }, [chosen, reached]);
  useEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [count, follow]);
  useEffect(() => {
    const watch = new ResizeObserver(() => box.current && setHeight(box.current.clientHeight));
    if (box.current) watch.observe(box.current);
    return () => watch.disconnect();
  }, [count > 0]);
  useEffect(
    () =>
      searchLog(log, words, (lines, done) =>
        setHits((old) => ({ lines, done, at: Math.min(old.at, lines.length - 1) })),
      ),
    [words, log, log.isWhole()],
  );
  const step = (by: number) => {
    if (hits.lines.length === 0) return;
    const next = (hits.at + by + hits.lines.length) % hits.lines.length;
    setHits({ ...hits, at: next });
    goTo(hits.lines[next] ?? 0);
  };
  const byLine = useMemo(() => findingsByLine(log, findings), [log, findings, log.isWhole()]);
  const toTrouble = () => {
    const said = firstTrouble(log);
    const first = Math.min(...byLine.keys(), said ?? Number.POSITIVE_INFINITY);
    if (Number.isFinite(first)) location.hash = `L${first + 1}`;
  };
  useKeys('Log', [
    { keys: 'e', says: 'jump to the first error', run: toTrouble },
    { keys: 'n', says: 'next hit of the search', run: () => step(1) },
    { keys: 'N', says: 'hit before', run: () => step(-1) },
  ]);
  const rows = [];
  for (let index = first; index < last; index += 1)
    rows.push(
      html`<${LogLine} key=${index} index=${index} text=${log.line(index)} chosen=${index + 1 === chosen} hit=${hits.lines[hits.at] === index} words=${words} findings=${byLine.get(index)} />`,
    );

  return html`<div class="log">
    <div class="row wrap pad log-bar">
      <label class="field inline"><span class="unseen">Search in the log</span><input type="search" placeholder="Search in the log" value=${words} onInput=${(event: Event) => setWords((event.target as HTMLInputElement).value)} onKeyDown=${(event: KeyboardEvent) => event.key === 'Enter' && step(event.shiftKey ? -1 : 1)} /></label>
      ${
        words &&
        html`<span class="muted" role="status">${hits.lines.length === 0 ? (hits.done ? 'No line has it' : 'Searching …') : `${hits.at + 1} of ${countWords(hits.lines.length, 'line')}`}</span>
        <button type="button" aria-label="Hit before" onClick=${() => step(-1)}>↑</button><button type="button" aria-label="Next hit" onClick=${() => step(1)}>↓</button>`
      }
      <button type="button" onClick=${toTrouble}>First error</button>
      ${live && html`<button type="button" aria-pressed=${follow} onClick=${() => setFollow(!follow)}>Follow</button>`}
      <span class="grow"></span><span class="muted small">${countWords(count, 'line')}, ${bytesWords(log.bytes())}${log.isWhole() ? '' : ' so far'}</span>
      <a class="small" href=${`${base}/jobs/${encodeURIComponent(id)}/log`} target="_blank">Raw</a>
    </div>
    ${problem && html`<div class="pad"><${ProblemBox} problem=${problem} /></div>`}
    ${
      count === 0 && !problem
        ? html`<${EmptyState} title=${log.isWhole() ? 'The job wrote nothing' : live ? 'Nothing was written yet' : 'Loading the log …'} />`
        : html`
    <div class="code log-box" style=${{ maxHeight: `${tall + rowPx}px` }} ref=${box} tabindex="0" role="region" aria-label="Lines of the log" onScroll=${(event: Event) => setTop((event.target as HTMLElement).scrollTop)} onWheel=${() => setFollow(false)}>
      <div class="log-all" style=${{ height: `${tall}px` }}><div class="log-rows" style=${{ transform: `translateY(${scale === 1 ? first * rowPx : top + (first * rowPx - top / scale)}px)` }}>${rows}</div></div>
    </div>`
    }
  </div>`;
}

function LogLine({
  index,
  text,
  chosen,
  hit,
  words,
  findings,
}: {
  index: number;
  text: string;
  chosen: boolean;
  hit: boolean;
  words: string;
  findings?: readonly Finding[];
}): Drawn {
  const worst = findings?.[0];
  return html`<div class=${`code-line ${chosen ? 'chosen' : ''} ${hit ? 'marked' : ''}`} id=${`L${index + 1}`}>
    <a class="no" href=${`#L${index + 1}`} aria-label=${`Line ${index + 1}`}>${index + 1}</a>
    ${worst && html`<a class=${`beside ${worst.severity}`} href=${href(`/findings/${worst.id}`)} title=${worst.message}>${worst.severity}</a>`}
    <span class="text">${ansiSpans(text).map(({ text: part, classes }) => html`<span class=${classes}>${marked(part, words)}</span>`)}</span>
  </div>`;
}

/** The text with what is searched for marked. */
function marked(text: string, words: string): Drawn {
  const at = words === '' ? -1 : text.toLowerCase().indexOf(words.toLowerCase());
  if (at === -1) return text;
  return [text.slice(0, at), html`<mark>${text.slice(at, at + words.length)}</mark>`, text.slice(at + words.length)];
}
