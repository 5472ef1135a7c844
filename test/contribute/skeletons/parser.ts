import { identifier } from '../registry-line.ts';

/** A parser that reads `file:line:column: severity: message [code]`, the form that most tools print. */
export const parserSkeleton = (name: string) => `import type { Machine, Parser, Run } from './define.ts';

/** What one line of the tool looks like: \`file:line:column: error: message [code]\`. */
const finding = /^(\\S[^:]{0,1000}):(\\d{1,7}):(\\d{1,7}): (error|warning): (.{1,4000}) \\[([\\w./-]{1,200})\\]$/;

/** \`${name}\` as it prints for people. */
export const ${identifier(name)}: Parser = {
  name: '${name}',
  recipes: ['lint'],
  // Whether it prints nothing when it found nothing.
  quiet: true,
  // A line is handed over when it holds one of these.
  cues: [': error: ', ': warning: '],
  start,
};

function start(run: Run): Machine {
  let seen = 0;
  return {
    line(line) {
      if (!run.runs()) return 'no';
      const [, file, row, column, severity, message = '', code] = finding.exec(line) ?? [];
      if (code === undefined) return 'no';
      seen += 1;
      const place = { file: file ?? null, line: Number(row), column: Number(column) };
      run.report({ kind: 'lint', severity: severity === 'error' ? 'error' : 'warn', code, message, raw: line, ...place });
      return 'yes';
    },
    // Whether the log proves that the tool said all: only then a finding that is not there is closed.
    end: () => seen > 0 && run.alone(),
  };
}
`;

/** What is known of the tool. */
export const cardSkeleton = (name: string) => `import type { Tool } from './define.ts';

/** Say here what silences it, what configures it and how it mends: see \`define.ts\` for every field. */
export const ${identifier(name)}: Tool = {
  name: '${name}',
  documentation: 'https://example.org/${name}',
  install: 'pipx install ${name}',
  programs: ['${name}'],
  languages: [],
  exits: { 0: 'nothing was found', 1: 'something was found' },
  fails: { 2: 'it failed' },
};
`;
