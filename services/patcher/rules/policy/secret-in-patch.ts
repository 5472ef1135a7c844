import { withoutCredentials } from '../agent/prompt-secrets.ts';
import type { Rule } from './define.ts';

/** Who looked: it stands in the provenance of a pull request. */
export const secretScanner = 'own rules of crafting-table';

const shapes: readonly (readonly [name: string, pattern: RegExp])[] = [
  [
    'a key of a cloud',
    /\b(?:AIza[0-9A-Za-z_-]{35}|ya29\.[0-9A-Za-z_-]{20,400}|LTAI[0-9A-Za-z]{12,24}|AC[0-9a-f]{32})\b/,
  ],
  [
    'a token of a service',
    /\b(?:npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,400}|dop_v1_[0-9a-f]{64}|hf_[A-Za-z0-9]{30,60}|SG\.[\w-]{16,40}\.[\w-]{30,60}|(?:sk|rk|pk)_(?:live|test)_[0-9A-Za-z]{16,99}|whsec_[A-Za-z0-9+/=]{24,99}|shp(?:at|ca|pa|ss)_[0-9a-f]{32}|glsa_[\w-]{20,99}|xapp-[\w-]{20,200}|EAAC[0-9A-Za-z]{60,300})\b/,
  ],
  [
    'a webhook of a chat',
    /https:\/\/hooks\.slack\.com\/(?:services|workflows)\/[\w/]{20,120}|https:\/\/(?:ptb\.|canary\.)?discord(?:app)?\.com\/api\/webhooks\/\d{10,20}\/[\w-]{40,99}/,
  ],
  ['a private key', /-----BEGIN (?:[A-Z ]{1,30} )?PRIVATE KEY(?: BLOCK)?-----|\bAGE-SECRET-KEY-1[0-9A-Z]{50,60}\b/],
];
const named =
  /\b[\w.-]{0,60}(?:password|passwd|passphrase|secret|api[_-]?key|access[_-]?key|auth[_-]?token|private[_-]?key|token)\b["']?\s{0,9}(?::=|=>|[:=])\s{0,9}["'`]([^"'`\s$<>{}()]{12,200})["'`]/i;
const example =
  /example|changeme|placeholder|dummy|redacted|xxxx|\*{3}|your[_-]|todo|test|sample|fake|0000|1234567|process\.env|secrets?\./i;

/** Nothing secret goes out: what a patch adds is looked at before it is pushed. What was found is never repeated. */
export const secretInPatch: Rule = {
  name: 'secret_in_patch',
  judge: ({ files }) =>
    files.flatMap(({ file, added }) =>
      added.flatMap(({ text, at }) => {
        const line = text.slice(0, 8192);
        const found = kindOf(line);
        return found === null
          ? []
          : [
              {
                rule: 'secret_in_patch',
                path: file.path,
                line: at,
                why: `the line holds ${found} (seen by ${secretScanner}): nothing secret may go out`,
              },
            ];
      }),
    ),
};

function kindOf(line: string): string | null {
  const shape = shapes.find(([, pattern]) => pattern.test(line));
  if (shape !== undefined) return shape[0];
  if (withoutCredentials(line) !== line) return 'a credential';
  const value = named.exec(line)?.[1];
  if (value === undefined || example.test(value) || bitsOf(value) < 3.2) return null;
  return 'the value of a secret';
}

/** Bits of chance in a character, by how often each stands in the text. */
function bitsOf(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum - (count / text.length) * Math.log2(count / text.length), 0);
}
