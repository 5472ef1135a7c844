import { type DigestContent, daySaid, footerWords, quietWords, removedWords } from './digest-content.ts';
import type { Line, Tone } from './digest-line.ts';
import type { Block, Section } from './digest-section.ts';

/**
 * The HTML form. Styles stand on the elements, since many mail programs drop a style sheet; the sheet only says what changes
 * in the dark. Colours were chosen to be readable on white and on black alike, for programs that turn one into the other.
 * Nothing is loaded from anywhere.
 */
const tones: Readonly<Record<Tone, string>> = { alarm: '#d1242f', warn: '#9a6700', good: '#1a7f37', plain: '#59636e' };

const sheet = [
  ':root{color-scheme:light dark;supported-color-schemes:light dark}',
  '@media (prefers-color-scheme:dark){',
  '.page{background:#0d1117!important;color:#e6edf3!important}',
  '.card{background:#161b22!important;border-color:#30363d!important}',
  '.row{border-color:#30363d!important}',
  '.soft{color:#9198a1!important}',
  'a{color:#4493f8!important}',
  '.alarm{color:#ff7b72!important}.warn{color:#e3b341!important}.good{color:#56d364!important}.plain{color:#9198a1!important}',
  '.b-alarm{border-color:#ff7b72!important}.b-warn{border-color:#e3b341!important}.b-good{border-color:#56d364!important}',
  '}',
].join('');

const font = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const mono = "ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace";

export function renderHtml(content: DigestContent): string {
  const { subject, sections } = content;
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    `<title>${escaped(subject)}</title><style>${sheet}</style></head>`,
    `<body class="page" style="margin:0;padding:0;background:#f6f8fa;color:#1f2328;font:15px/1.45 ${font};-webkit-text-size-adjust:100%">`,
    '<div style="max-width:680px;margin:0 auto;padding:16px 12px">',
    `<h1 style="font-size:20px;line-height:1.3;margin:4px 4px 2px;overflow-wrap:anywhere">${escaped(subject)}</h1>`,
    `<p class="soft" style="margin:0 4px 16px;color:#59636e;font-size:13px">crafting-table digest of ${escaped(daySaid(content))}</p>`,
    ...sections.map(sectionHtml),
    `<p class="soft" style="margin:16px 4px;color:#59636e;font-size:12px">${escaped(footerWords)}</p>`,
    '</div></body></html>\n',
  ].join('\n');
}

function sectionHtml({ project, called = project, removed, blocks }: Section): string {
  const inside = removed
    ? note(removedWords)
    : blocks.length === 0
      ? note(quietWords)
      : blocks.map(blockHtml).join('\n');
  return [
    '<div class="card" style="background:#ffffff;border:1px solid #d1d9e0;border-radius:8px;margin:0 0 16px;padding:14px 14px 6px">',
    `<h2 style="font-size:17px;line-height:1.3;margin:0 0 6px;overflow-wrap:anywhere">${escaped(called)}</h2>`,
    inside,
    '</div>',
  ].join('\n');
}

function note(words: string): string {
  return `<p class="soft" style="margin:0 0 8px;color:#59636e">${escaped(words)}</p>`;
}

function blockHtml({ title, lines, more }: Block): string {
  const rest =
    more > 0
      ? `<p class="soft" style="margin:4px 0 8px 13px;color:#59636e;font-size:13px">… and ${more.toLocaleString('en')} more</p>`
      : '';
  const count = (lines.length + more).toLocaleString('en');
  return [
    `<h3 class="soft" style="font-size:12px;letter-spacing:.05em;text-transform:uppercase;margin:14px 0 4px;color:#59636e">${escaped(title)} · ${count}</h3>`,
    ...lines.map(lineHtml),
    rest,
  ].join('\n');
}

function lineHtml({ tone, label, text, detail, url }: Line): string {
  const words = url === null ? escaped(text) : `<a href="${escaped(url)}" style="color:#0969da">${escaped(text)}</a>`;
  const below =
    detail === null
      ? ''
      : `<div class="soft" style="color:#59636e;font-size:13px;overflow-wrap:anywhere">${detailHtml(detail)}</div>`;
  return [
    `<div class="row b-${tone}" style="border-left:3px solid ${tones[tone]};padding:2px 0 2px 10px;margin:0 0 8px">`,
    `<div style="overflow-wrap:anywhere"><strong class="${tone}" style="color:${tones[tone]}">${escaped(label)}</strong> ${words}</div>`,
    below,
    '</div>',
  ].join('');
}

/** Bars line up only in a face of one width. */
function detailHtml(detail: string): string {
  return escaped(detail).replace(
    /[▁-█]+/g,
    (bars) => `<span style="font-family:${mono};letter-spacing:1px;white-space:nowrap">${bars}</span>`,
  );
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
