import type { Machine, Parser, Run, XmlElement } from './define.ts';
import { detached } from './engine/plain-text.ts';
import { attribute, child, childrenNamed, childText, markup, wholeNumber } from './engine/xml-element.ts';

const severities = { '1': 'error', '2': 'warn', '3': 'info' } as const;
const maxFolders = 200;

/** SpotBugs' XML, and that of FindBugs, whose it is. */
export const spotbugs: Parser = {
  name: 'spotbugs',
  recipes: ['lint', 'audit'],
  xml: { roots: ['BugCollection'], units: ['BugInstance', 'SrcDir', 'Errors'] },
  anyExit: true,
  start,
};

function start(run: Run): Machine {
  let folders: string[] = [];
  let documents = 0;
  let broken = false;
  return {
    xml(element) {
      if (element.name === 'SrcDir') {
        if (folders.length < maxFolders) folders.push(detached(element.text.trim()));
      } else if (element.name === 'Errors') {
        // Classes that could not be analysed are not known to be clean.
        broken ||= (wholeNumber(element, 'errors') ?? 0) > 0;
        for (const one of childrenNamed(element, 'Error'))
          run.crashed(childText(one, 'ErrorMessage') ?? markup(one, 500));
      } else if (element.name === 'BugInstance') bug(element);
      else {
        documents += 1;
        folders = [];
      }
    },
    end: () => documents > 0 && !broken,
  };

  function bug(element: XmlElement) {
    const type = attribute(element, 'type');
    const priority = attribute(element, 'priority') ?? '';
    const [at, range] = sourceLine(element);
    const path = attribute(at, 'sourcepath');
    const start = wholeNumber(at, 'start');
    const end = wholeNumber(at, 'end');
    const where = attribute(child(element, 'Method'), 'name') ?? attribute(child(element, 'Field'), 'name');
    const place = [attribute(child(element, 'Class'), 'classname'), where].filter((one) => one !== null).join('.');
    run.report({
      kind: 'lint',
      severity: Object.hasOwn(severities, priority) ? severities[priority as keyof typeof severities] : 'warn',
      tool_severity: priority || null,
      code: type,
      file: path === null ? null : fileOf(path),
      line: start,
      end_line: end === start || range === false ? null : end,
      message: childText(element, 'LongMessage') ?? childText(element, 'ShortMessage') ?? `${type} in ${place}`,
      raw: { text: markup(element) },
    });
  }

  /** Places count from a source folder. Some versions list every file as one. */
  function fileOf(path: string): string | null {
    const listed = folders.find((folder) => folder.replaceAll('\\', '/').endsWith(`/${path}`));
    if (listed !== undefined) return listed;
    const own = folders.filter(
      (folder) => run.path(folder) !== null && !/\.\w{2,6}$|[\\/](?:target|build|generated)[\\/]/.test(folder),
    );
    return own.length === 1 ? `${own[0]}/${path}` : null;
  }
}

/** The primary line, else the first of its own, else that of the method or class; and whether its end means something. */
function sourceLine(bug: XmlElement): readonly [XmlElement | undefined, boolean] {
  const own = childrenNamed(bug, 'SourceLine');
  const line = own.find((one) => attribute(one, 'primary') === 'true') ?? own[0];
  if (line !== undefined) return [line, true];
  const holder = ['Method', 'Field', 'Class'].map((name) => child(child(bug, name), 'SourceLine'));
  return [holder.find((one) => wholeNumber(one, 'start') !== null) ?? holder.find((one) => one !== undefined), false];
}
