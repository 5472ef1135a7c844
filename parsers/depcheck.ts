import type { Machine, Parser, Run } from './define.ts';
import { fields, isFields, texts } from './engine/json-value.ts';

const headings: Readonly<Record<string, string>> = {
  'Unused dependencies': 'unused-dependency',
  'Unused devDependencies': 'unused-dev-dependency',
  'Missing dependencies': 'missing-dependency',
};

/** `depcheck` as JSON and as it prints for people. The name of the package is part of the rule. */
export const depcheck: Parser = {
  name: 'depcheck',
  recipes: ['lint'],
  json: {
    is: (value) =>
      isFields(value) && isFields(value.missing) && (Array.isArray(value.dependencies) || isFields(value.using)),
    cut: ['"dependencies":', '"missing":'],
  },
  cues: [
    'Unused dependencies',
    'Unused devDependencies',
    'Missing dependencies',
    'No depcheck issue',
    ' does not contain a package.json',
  ],
  start,
};

function start(run: Run): Machine {
  let documents = 0;
  let told = false;
  let invalid = false;
  let rule: string | null = null;
  return {
    json(value) {
      documents += 1;
      const { dependencies, devDependencies, missing, invalidFiles, invalidDirs } = fields(value);
      for (const name of texts(dependencies)) report('unused-dependency', name, 'package.json', name);
      for (const name of texts(devDependencies)) report('unused-dev-dependency', name, 'package.json', name);
      for (const [name, files] of Object.entries(fields(missing)))
        report('missing-dependency', name, texts(files)[0] ?? 'package.json', { name, files });
      invalid ||= Object.keys(fields(invalidFiles)).length + Object.keys(fields(invalidDirs)).length > 0;
    },
    line(line) {
      const item = rule === null ? null : /^\* (@?[\w./-]{1,214})(?:: (\S.{0,1000}))?$/.exec(line);
      if (item !== null && rule !== null) {
        report(rule, item[1] ?? '', item[2] ?? 'package.json', line);
        return 'more';
      }
      rule = headings[line] ?? null;
      if (rule !== null) {
        told = true;
        run.saw();
        return 'more';
      }
      if (line === 'No depcheck issue') {
        told = true;
        run.saw();
        return 'yes';
      }
      if (!run.runs() || !/ does not contain a package\.json file$/.test(line.slice(0, 1000))) return 'no';
      run.crashed(line.slice(0, 1000));
      return 'yes';
    },
    // It exits with 255 where something was found.
    end: () => !invalid && (documents > 0 || (told && run.alone())),
  };

  function report(code: string, name: string, file: string, raw: unknown) {
    run.report({
      kind: 'lint',
      severity: code === 'missing-dependency' ? 'error' : 'warn',
      code: `${code}/${name}`,
      tool_code: code,
      file,
      message: `${code.replaceAll('-', ' ')}: ${name}`,
      package: name,
      raw,
    });
  }
}
