import type { Machine, Parser, Run } from './define.ts';
import { advisorySeverity } from './engine/advisory.ts';
import { fields, isFields, list, listWith, textOf, wordOf } from './engine/json-value.ts';
import { detached } from './engine/plain-text.ts';

/** `dotnet list package --vulnerable` (`dotnet package list` since .NET 10), as text and JSON. It names no fixed version. */
export const dotnetList: Parser = {
  name: 'dotnet-list',
  tool: 'dotnet-list-package',
  recipes: ['audit'],
  json: {
    is: (value) =>
      isFields(value) &&
      (typeof value.parameters === 'string' ||
        'sources' in value ||
        listWith(value.projects, (one) => 'frameworks' in one)) &&
      listWith(value.projects, (one) => 'path' in one || 'frameworks' in one),
    cut: ['"version":', '"parameters":', '"sources":'],
  },
  cues: [' vulnerable packages', 'error: '],
  start,
};

type Advisory = { name: string; version: string | null; word: string; url: string; file: string | null; raw: unknown };

function start(run: Run): Machine {
  let answers = 0;
  let inTable = false;
  /** The package of the row before: further advisories of it have no name. */
  let open: { name: string; version: string } | null = null;

  const report = ({ name, version, word, url, file, raw }: Advisory) => {
    const code = url.split('/').at(-1) || url;
    run.report({
      kind: 'cve',
      severity: advisorySeverity({ word }),
      tool_severity: word,
      code,
      file,
      message: `${name} ${version ?? ''} has a known ${word.toLowerCase()} severity vulnerability: ${code}`,
      package: name,
      installed_version: version,
      url,
      raw,
    });
  };

  return {
    json(value) {
      const { parameters, projects, problems } = fields(value);
      for (const problem of list(problems).map(fields)) {
        if (problem.level === 'error') run.crashed(textOf(problem.text) ?? 'it reported an error');
      }
      // The same shape lists outdated and deprecated packages.
      if (!wordOf(parameters).includes('--vulnerable')) return;
      answers += 1;
      for (const project of list(projects).map(fields)) {
        for (const framework of list(project.frameworks).map(fields)) {
          const packages = [...list(framework.topLevelPackages), ...list(framework.transitivePackages)].map(fields);
          for (const { id, resolvedVersion, vulnerabilities } of packages) {
            for (const raw of list(vulnerabilities).map(fields)) {
              const [name, url, word] = [textOf(id), textOf(raw.advisoryurl), textOf(raw.severity) ?? ''];
              if (name === null || url === null) continue;
              const version = textOf(resolvedVersion);
              report({ name, version, word, url, file: textOf(project.path), raw: { id, resolvedVersion, ...raw } });
            }
          }
        }
      }
    },
    line(line) {
      const head = /^(?:Project|The given project) [`'].{1,500}[`'] has (the following|no) vulnerable packages/.exec(
        line,
      );
      if (head !== null) {
        answers += 1;
        inTable = head[1] !== 'no';
        open = null;
        run.saw();
        return inTable ? 'more' : 'yes';
      }
      inTable &&= /^(?: {3}|$)/.test(line);
      if (inTable) {
        row(line);
        return 'more';
      }
      const failed = /^error: (.{1,1000})$/.exec(line)?.[1];
      if (failed !== undefined && run.runs()) {
        run.crashed(failed);
        return 'yes';
      }
      return 'no';
    },
    end: () => answers > 0,
  };

  /** `> Name  (A)  Requested  Resolved  Severity  URL`; transitive packages were not requested. */
  function row(line: string) {
    const cells = line.slice(0, 4000).trim().split(/ {2,}/);
    const [version, word = '', url = ''] = [cells.at(-3), cells.at(-2), cells.at(-1)];
    const name = /^> (\S{1,256})$/.exec(cells[0] ?? '')?.[1];
    open = name === undefined ? open : { name: detached(name), version: detached(version ?? '') };
    if (open === null || !/^https?:\/\//.test(url) || !/^[A-Za-z]{1,20}$/.test(word)) return;
    if (name === undefined && cells.length !== 2) return;
    report({ ...open, word, url, file: null, raw: line });
  }
}
