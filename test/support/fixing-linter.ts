/**
 * A tool of our own that speaks like ESLint and offers an edit: `bad` is to be `good`. A line with `worse` is a finding for
 * which it offers none. `SLOW` makes it wait for a file of that name to go.
 */
export const fixingLinter = `
const fs = require('node:fs');
const files = fs.readdirSync('.', { recursive: true }).filter((name) => /^src.*\\.js$/.test(name)).sort();
const results = files.map((name) => {
  const text = fs.readFileSync(name, 'utf8');
  const messages = [];
  const add = (ruleId, word, fix) => {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      const line = text.slice(0, at).split('\\n').length;
      const column = at - text.lastIndexOf('\\n', at - 1);
      const range = [at, at + word.length];
      messages.push({ ruleId, severity: 1, message: word + ' is not good', line, column, ...(fix ? { fix: { range, text: fix } } : {}) });
    }
  };
  add('no-bad', 'bad', 'good');
  add('no-worse', 'worse');
  add('no-evil', 'evil', 'bad');
  return { filePath: process.cwd() + '/' + name, messages,
    errorCount: 0, fatalErrorCount: 0, warningCount: messages.length, fixableErrorCount: 0, fixableWarningCount: 0, usedDeprecatedRules: [] };
});
process.stdout.write(JSON.stringify(results));
process.exit(results.some(({ messages }) => messages.length > 0) ? 1 : 0);
`;
