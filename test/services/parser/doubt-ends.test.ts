import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Observation } from '../../../events/finding.ts';
import { normalised } from '../../../services/parser/rules/identify-findings.ts';
import { silentFarm, type Tree } from './silent-farm.ts';

/** A line with a fault, or one that was mended from elsewhere in its file: its own text is the same. */
type Line = { readonly name: string; readonly rule: string; hasCause: boolean; comment: string };

type Project = {
  lines: Line[];
  fileComment: string;
  ignored: Set<string>;
  isExcluded: boolean;
  /** A list in a file leads the tool to the file, which no settings speak of. */
  isListed: boolean;
  width: number;
  version: number;
  strict: boolean;
  command: string;
};

type Step = (project: Project) => void;

const rules = ['F401', 'F841', 'E711'];
const commands = ['flake8 .', 'flake8 --format=default .', 'flake8 --ignore F401 .', 'flake8 -j 1 .'];
const comments = ['', '  # noqa', '  # noqa: F401', '  # noqa: E711', '  # words', '  # noqa: F'];
const textOf = ({ name, rule }: Line) => `name_${name} = use_${rule.toLowerCase()}()`;

/** What mends lines from elsewhere in their file. */
const usesIn = (lines: readonly Line[]) =>
  lines.flatMap(({ name, hasCause }) => (hasCause ? [] : [`use(name_${name})`]));

/** What flake8 would say, by its own rules. */
function isSilenced({ rule, comment }: Line, { fileComment, ignored, isExcluded, command }: Project): boolean {
  const codes = comment.split('noqa')[1];
  const byComment = codes !== undefined && (codes === '' || rule.startsWith(codes.replace(': ', '')));
  return (
    byComment || fileComment !== '' || ignored.has(rule) || isExcluded || (command.includes('F401') && rule === 'F401')
  );
}

function treeOf({ lines, fileComment, ignored, isExcluded, isListed, width, version, strict }: Project): Tree {
  const settings = ['[flake8]', `max-line-length = ${width}`];
  if (ignored.size > 0) settings.push('extend-ignore =', ...[...ignored].map((rule) => `    ${rule},`));
  if (isExcluded) settings.push('exclude = src/a.py');
  return {
    'src/a.py': [fileComment, ...lines.map((line) => `${textOf(line)}${line.comment}`), ...usesIn(lines), ''].join(
      '\n',
    ),
    'src/b.py': rules.map((rule) => `other = use_${rule.toLowerCase()}()`).join('\n'),
    '.flake8': `${settings.join('\n')}\n`,
    'pyproject.toml': `[project]\nversion = "${version}"\n`,
    'files.txt': isListed ? 'src/a.py\nsrc/b.py\n' : 'src/b.py\n',
    'mypy.ini': `[mypy]\nstrict = ${strict}\n`,
  };
}

function shown(project: Project): Observation[] {
  const report = (file: string, line: number, code: string) =>
    ({
      ...{ kind: 'lint', severity: 'warn', tool: 'flake8', tool_severity: null, tool_code: null, file, line, code },
      ...{ column: null, end_line: null, message: code, suggested_fix: null, fingerprint: '0123456789abcdef' },
      ...{
        package: null,
        installed_version: null,
        fixed_version: null,
        aliases: [],
        url: null,
        edits: [],
        raw_json: '{}',
      },
    }) as Observation;
  const elsewhere = { ...project, isExcluded: false, fileComment: '' };
  return [
    ...project.lines.flatMap((line, at) =>
      line.hasCause && project.isListed && !isSilenced(line, project) ? [report('src/a.py', at + 2, line.rule)] : [],
    ),
    // Another file of the same faults, of which now and then a rule is seen at work.
    ...rules.flatMap((rule, at) => {
      const line = { name: 'b', rule, hasCause: true, comment: '' };
      return at === project.version % 3 && !isSilenced(line, elsewhere) ? [report('src/b.py', at + 1, rule)] : [];
    }),
  ];
}

const any = <T>(values: readonly T[]) => fc.constantFrom(...values);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.nat(9), fc.boolean()).map(
    ([at, cause]): Step =>
      ({ lines }) =>
        void Object.assign(lines[at % lines.length] ?? {}, { hasCause: cause }),
  ),
  fc.tuple(fc.nat(9), any(comments)).map(
    ([at, comment]): Step =>
      ({ lines }) =>
        void Object.assign(lines[at % lines.length] ?? {}, { comment }),
  ),
  fc.nat(9).map(
    (at): Step =>
      ({ lines }) =>
        void (lines.length > 1 && lines.splice(at % lines.length, 1)),
  ),
  any(rules).map(
    (rule): Step =>
      ({ ignored }) =>
        void (ignored.delete(rule) || ignored.add(rule)),
  ),
  any(['', '# flake8: noqa']).map(
    (fileComment): Step =>
      (project) =>
        void Object.assign(project, { fileComment }),
  ),
  fc.boolean().map(
    (isExcluded): Step =>
      (project) =>
        void Object.assign(project, { isExcluded }),
  ),
  fc.boolean().map(
    (isListed): Step =>
      (project) =>
        void Object.assign(project, { isListed }),
  ),
  any([79, 99, 120]).map(
    (width): Step =>
      (project) =>
        void Object.assign(project, { width }),
  ),
  any(commands).map(
    (command): Step =>
      (project) =>
        void Object.assign(project, { command }),
  ),
  fc.constant<Step>((project) => void Object.assign(project, { version: project.version + 1 })),
  fc.constant<Step>((project) => void Object.assign(project, { strict: !project.strict })),
);
const history = fc.array(
  fc.record({ steps: fc.array(step, { maxLength: 3 }), complete: fc.boolean(), again: fc.boolean() }),
  {
    minLength: 1,
    maxLength: 8,
  },
);

test('in any history what is only silenced stays open, and what is gone is closed by the second complete run', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(any(rules), { minLength: 1, maxLength: 4 }), history, async (faults, commits) => {
      const project: Project = {
        lines: faults.map((rule, at) => ({ name: String(at), rule, hasCause: true, comment: '' })),
        ...{
          fileComment: '',
          ignored: new Set(),
          isExcluded: false,
          isListed: true,
          width: 79,
          version: 1,
          strict: false,
          command: 'flake8 .',
        },
      };
      const farm = silentFarm('flake8');
      /** Complete runs under the same settings since the cause of a finding is gone, by the text of its line. */
      const without = new Map<string, number>();
      let settings = '';
      /** All that a finding speaks of, when it was shown last. */
      const shownAt = new Map<string, string>();
      /** The settings under which a complete run passed over it, when nothing that it speaks of had changed. */
      const passedAt = new Map<string, string>();
      const runOnce = async (isComplete: boolean) => {
        const tree = treeOf(project);
        const wasOpen = new Set(farm.findings().flatMap(({ state, line }) => (state === 'open' ? [line] : [])));
        await farm.run(tree, project.command, shown(project), isComplete);
        const now = `${tree['.flake8']} ${project.command}`;
        for (const { state, line: text, code, file } of farm.findings().filter((one) => one.file === 'src/a.py')) {
          const line = project.lines.find((one) => text?.startsWith(textOf(one)));
          const key = `${file} ${text}`;
          const told = () => `${code} at ${text}: ${JSON.stringify(project)}`;
          if (line?.hasCause === true) {
            without.delete(key);
            const world = `${tree['src/a.py']} ${now}`;
            const isPassed = !project.isListed && wasOpen.has(text);
            if (isPassed && (shownAt.get(key) === world || passedAt.get(key) === now))
              assert.equal(state, 'open', `closed, and nobody looked: ${told()}`);
            if (isPassed && isComplete && shownAt.get(key) === world) passedAt.set(key, now);
            if (shown(project).some((one) => one.file === file)) passedAt.delete(key);
            if (!project.isListed) continue;
            // A line with another comment, of which the tool still speaks, is another finding.
            const isShown = !isSilenced(line, project);
            const isItself = normalised(`${textOf(line)}${line.comment}`) === text;
            if (isShown && isItself) shownAt.set(key, world);
            if (isShown ? isItself : wasOpen.has(text))
              assert.equal(state, 'open', `closed, and it is there: ${told()}`);
            continue;
          }
          // What the tool passed over before it was mended beside its line, with nothing else in its file, may be there still.
          const mayBePassed = passedAt.has(key) && !shown(project).some((one) => one.file === file);
          const mayBeSilenced = line !== undefined && (mayBePassed || isSilenced(line, project));
          const runs = mayBeSilenced ? 0 : (now === settings ? (without.get(key) ?? 0) : 0) + (isComplete ? 1 : 0);
          without.set(key, runs);
          if (runs >= 2) assert.equal(state, 'resolved', `open, and its cause is gone: ${told()}`);
        }
        settings = now;
      };
      await runOnce(true);
      for (const { steps, complete, again } of commits) {
        for (const one of steps) one(project);
        await runOnce(complete);
        if (again) await runOnce(true);
      }
      await runOnce(true);
      await runOnce(true);
    }),
    { numRuns: 150 },
  );
});
