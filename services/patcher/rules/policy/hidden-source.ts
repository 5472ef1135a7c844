import type { Objection, Rule } from './define.ts';
import { gained, type Hit, placesOf, type Reading, type Side } from './reading/patch-reading.ts';

const generated =
  /@(?:partially-)?generated\b|\bcode\s{1,9}generated\b[^\n]{0,100}\bdo\s{1,9}not\s{1,9}edit\b|<auto-?generated\b|\bgenerated\s{1,9}(?:by|file|code)\b[^\n]{0,100}\bdo\s{1,9}not\s{1,9}(?:edit|modify)\b|\bdo\s{1,9}not\s{1,9}(?:edit|modify)\b[^\n]{0,60}\bgenerated\b|\blinguist-generated\b/gi;
const unread: readonly (readonly [languages: string, pattern: RegExp])[] = [
  ['vue scala groovy dart', /\b(?:if|while)\s{0,9}\(?\s{0,9}(?:false|0|!\s{0,9}(?:true|1)|!!0)\s{0,9}(?:\)|\{|&&)/g],
  ['ruby perl', /^[ \t]{0,200}(?:if|unless|while)\s{1,9}(?:false|0)\s{0,9}(?:$|then|;)|^__(?:END|DATA)__\s{0,9}$/gm],
  ['shell', /\bif\s{1,9}(?:false|\[\s{1,9}(?:0|1)\s{1,9}-eq\s{1,9}(?:1|0)\s{1,9}\])\s{0,9}[;\n]|^\s{0,9}:\s{0,9}<</gm],
  ['make cmake', /^\s{0,20}if\s{0,9}\(\s{0,9}(?:FALSE|OFF|0)\s{0,9}\)|^ifeq\s{0,9}\(\s{0,9}0\s{0,9},\s{0,9}1/gim],
];
const constraint = /^\/\/\s{0,9}(?:go:build|\+build)\b/;
// Marks that turn the direction of text make a reviewer read what is not there; the others cannot be seen at all.
const invisible = /[\u202a-\u202e\u2066-\u2069\u200b\u2060\u180e\u{e0001}-\u{e007f}]/gu;

/** All of the code is built and judged, and reads as it is. */
export const hiddenSource: Rule = {
  name: 'hidden_source',
  judge: (patch) => [
    ...object('generated_marker', 'a file that passes for generated is not judged by tools', gained(patch, markers)),
    ...object('excluded_from_build', 'code is left out of the build or can never run', gained(patch, conditions)),
    ...constraints(patch),
    ...encodings(patch),
    ...object(
      'hidden_text',
      'the text holds characters that cannot be seen',
      gained(patch, (side) => placesOf(side, side.text, invisible, 'invisible')),
    ),
  ],
};

function object(rule: string, why: string, hits: readonly Hit[]): Objection[] {
  return hits.slice(0, 20).map(({ path, line }) => ({ rule, path, line, why }));
}

function markers(side: Side): Hit[] {
  return side.comments.flatMap(({ text, line }) =>
    placesOf(side, text, generated, 'generated').map((hit) => ({ ...hit, line: line + hit.line - 1 })),
  );
}

function conditions(side: Side): Hit[] {
  const name = side.language?.name ?? '';
  return unread
    .filter(([languages]) => languages.split(' ').includes(name))
    .flatMap(([, pattern]) => placesOf(side, side.code, pattern, name));
}

const declared =
  /^\s{0,20}#[^\n]{0,200}?coding[:=][ \t]{0,20}([-\w.]{1,60})|^(?:<\?php)?\s{0,20}declare\s{0,9}\([^)\n]{0,100}encoding/i;

/** Who reads a file in other letters than its tools reads another file. */
function encodings({ files }: Reading): Objection[] {
  return files.flatMap(({ file, before, after }) => {
    if (after === null || !/^(?:python|ruby|php|perl)$/.test(after.language?.name ?? '')) return [];
    const found = (side: Side | null) =>
      (side?.lines.slice(0, side.language?.name === 'php' ? 20 : 2) ?? []).flatMap((line, at) => {
        const name = declared.exec(line);
        return name === null ? [] : [{ name: (name[1] ?? 'declare').toLowerCase(), line: at + 1 }];
      });
    const old = found(before).map(({ name }) => name);
    return found(after)
      .filter(({ name }) => !old.includes(name) || !/^(?:utf-?8|us-ascii|ascii|latin-?1|iso-8859-1)$/.test(name))
      .map(({ name, line }) => ({
        rule: 'hidden_text',
        path: file.path,
        line,
        why: `the file says that it is written in "${name}": tools and people would read it otherwise`,
      }));
  });
}

/** A file of Go that had no build constraint gets one, or its words change. */
function constraints({ files }: Reading): Objection[] {
  return files.flatMap(({ file, before, after }) => {
    if (before === null || after?.language?.name !== 'go') return [];
    const old = termsOf(before);
    const fresh = [...termsOf(after)].filter(([term]) => !old.has(term));
    return fresh.slice(0, 1).map(([term, line]) => ({
      rule: 'excluded_from_build',
      path: file.path,
      line,
      why: `the build constraint "${term.slice(0, 60)}" leaves the file out of builds`,
    }));
  });
}

function termsOf(side: Side): Map<string, number> {
  const lines = side.comments.filter(({ text }) => constraint.test(text));
  return new Map(
    lines.flatMap(({ text, line }) =>
      text
        .replace(constraint, '')
        .split(/[\s,()|&]+/)
        .filter((term) => term !== '')
        .map((term) => [term, line] as const),
    ),
  );
}
