import { recipeNames } from '../../../events/fields.ts';
import { recipesFile } from '../../../events/projects/project.ts';
import { code } from '../../floor/text/escape-text.ts';
import type { DetectedProject } from '../../projects/rules/detected-document.ts';

const mostRows = 60;
const mostLines = 30;
const longestCommand = 160;

export const proposalTitle = `Say in ${recipesFile} how this repository is checked`;

/** What the pull request says: each recipe with the file in which it was found, what is off, and what is not known. */
export function proposalBody(
  { document, off, missing, problems, unknown, complete }: DetectedProject,
  sha: string,
): string {
  const rows = (document.subprojects ?? [])
    .filter(({ enabled }) => enabled !== false)
    .flatMap((one) =>
      recipeNames.flatMap((recipe) => {
        const command = one[recipe];
        const found = one.found_in?.[recipe];
        if (command === undefined) return [];
        const place = found === undefined ? 'what the language usually does' : code(found, 120);
        return [`| ${code(one.path, 120)} | ${recipe} | ${code(command, longestCommand)} | ${place} |`];
      }),
    );
  const sections = [
    `This adds \`${recipesFile}\`: what a crafting-table farm runs to build, test, lint and audit this repository, and where. It was found at ${code(sha.slice(0, 12))} without running anything of the repository.`,
    table(rows),
    listed(
      'Found and off, until `"enabled": false` is taken away:',
      off.map(({ path, language, why }) => `${code(path)} (${code(language, 32)}): ${code(why)}`),
    ),
    listed(
      'Left out, since the machine that looked has no such tool:',
      missing.map(({ path, recipe, why }) => `${recipe} of ${code(path)}: ${code(why)}`),
    ),
    listed(
      'Checks of CI that no recipe runs, since nothing is known of their tools:',
      unknown.map(({ command, where }) => `${code(command)} (${code(where, 120)})`),
    ),
    listed(
      'Not read, so what they say is not in the file:',
      problems.map(({ path, why }) => `${code(path)}: ${code(why)}`),
    ),
    complete ? '' : 'Only the upper part of this very large repository was looked at.',
    'With `"recipes": "repository"` in its document, a project takes what is merged here. The file cannot ask for secrets, for another sandbox or for a wider network than the project gives. Change it in this branch as you like: it is not written over.',
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}

function table(rows: readonly string[]): string {
  const rest = rows.length > mostRows ? `\n\nand ${rows.length - mostRows} more in the file.` : '';
  const head = '| subproject | recipe | command | found in |\n|---|---|---|---|';
  return `${head}\n${rows.slice(0, mostRows).join('\n')}${rest}`;
}

function listed(head: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  const rest = lines.length > mostLines ? [`and ${lines.length - mostLines} more`] : [];
  return [head, '', ...[...lines.slice(0, mostLines), ...rest].map((line) => `- ${line}`)].join('\n');
}
