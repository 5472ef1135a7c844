import type { FindingDoc } from '../../../../projections/findings/findings.ts';
import { dataFence } from './data-fence.ts';
import { withoutCredentials, withoutEnvironment } from './prompt-secrets.ts';
import { dataNotice, ruleLines } from './prompt-words.ts';

type BottleFacts = {
  readonly patch: { readonly project: string; readonly subproject: string; readonly recipe: string };
  readonly findings: readonly FindingDoc[];
  /** What was wrong with what it left before; null for the first time. */
  readonly lastTry: { readonly reason: string; readonly detail: string } | null;
};

const mostFindings = 50;
const mostDetail = 8_000;

/** What an agent in a bottle is asked to do about findings. It edits the tree and runs recipes itself. */
export function bottlePrompt({ patch, findings, lastTry }: BottleFacts): string {
  const kinds = [...new Set(findings.map(({ kind }) => kind))];
  const where =
    patch.subproject === '.' ? 'Change only files of this repository.' : `Change only files below ${patch.subproject}.`;
  const told = findings
    .slice(0, mostFindings)
    .map(({ tool, code, severity, file, line, message, suggested_fix }) =>
      JSON.stringify({ tool, code, severity, file, line, message: message.slice(0, 2_000), suggested_fix }),
    );
  const clean = (text: string) => withoutCredentials(withoutEnvironment(text));
  const data = [
    { title: 'findings', text: clean(told.join('\n')) },
    ...(lastTry
      ? [
          {
            title: `why your last change was refused: ${lastTry.reason}`,
            text: clean(lastTry.detail.slice(0, mostDetail)),
          },
        ]
      : []),
  ];
  const fence = dataFence(data.map(({ text }) => text));
  const task = lastTry
    ? 'Your last change was checked and refused; why is told below. The tree is as you left it: mend it.'
    : `Mend the findings below in this work tree, so that the recipe ${patch.recipe} no longer reports them and reports nothing new.`;
  return [
    task,
    `Rules:\n${ruleLines(kinds, where, [])}`,
    dataNotice(fence.mark),
    data.map(({ title, text }) => fence.around(title, text)).join('\n'),
  ].join('\n\n');
}
