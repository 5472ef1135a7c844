import type { Draft, Machine, Parser, Run } from './define.ts';

const diagnostic =
  /^\s{0,40}(?:\d{1,5}>\s{0,40})?(\S.{0,800}?)(?:\((\d[\d,-]{0,40})\))? ?: (?:[a-z]{1,20} )?(error|warning)(?: ([A-Za-z]{1,24}\d{1,6}))? ?: (.*)$/;
const project = /^(.*) \[([^[\]]{1,1000}(?:proj|\.slnx?|\.slnf))(?:::[^[\]]{1,300})?\]$/;
const advisory =
  /^Package '([^']{1,256})' (\S{1,100}) has a known (\w{1,20}) severity vulnerability, (https:\/\/\S{1,500}?)\.?$/;
const audit = { NU1901: 'low', NU1902: 'medium', NU1903: 'high', NU1904: 'critical' } as const;

/** `dotnet build` and msbuild, which tell every diagnostic twice. NuGet's audit warnings in it are cves. */
export const msbuild: Parser = {
  name: 'msbuild',
  recipes: ['build', 'lint', 'test', 'audit'],
  errorsOnly: true,
  cues: [' error ', ' warning ', 'Build succeeded', 'Build FAILED', 'Build failed', ' -> '],
  start,
};

function start(run: Run): Machine {
  let errors = 0;
  let succeeded = false;
  let outputs = 0;
  return {
    line(line) {
      const built = /^\s{0,8}Build (?:(succeeded)|failed|FAILED)(?:\.$|(?: with [^.]{1,60})? in \d)/.exec(line);
      if (built !== null) {
        succeeded = built[1] !== undefined;
        run.saw();
        return 'yes';
      }
      // Without a summary this is all that a build without problems prints.
      if (/^ {2}[\w.-]{1,200} -> \S.{0,1000}\.(?:dll|exe)$/.test(line)) {
        outputs += 1;
        run.saw();
        return 'yes';
      }
      const at = diagnostic.exec(line);
      if (at === null) return 'no';
      const [, origin = '', range, word = '', code = null, words = ''] = at;
      const owner = project.exec(words.slice(-8000));
      // Without a code or a project it is some compiler's line, or people's words; with a code of tsc's it is tsc's.
      const named = /(?:\.\w{1,12}|^[A-Z]{2,12})$/.test(origin) && code !== null && !/^TS\d/.test(code);
      if (owner === null && !named) return 'no';
      if (word === 'error') errors += 1;
      if (/^MSB10\d\d$/.test(code ?? '')) {
        run.crashed(`${code}: ${words}`);
        return 'yes';
      }
      const beside = placed(origin, owner?.[2] ?? null);
      const file = beside === null || run.isInside(beside) ? beside : origin;
      // A place in the SDK is none; the project that it is about is.
      const inside = file !== null && run.path(file) !== null;
      const draft: Draft = {
        kind: 'lint',
        severity: word === 'error' ? 'error' : 'warn',
        tool_severity: word,
        code,
        file: inside ? file : (owner?.[2] ?? null),
        ...(inside ? placeOf(range) : {}),
        message: owner?.[1] ?? words,
        raw: line,
        // Codes that its compilers and tools are known by.
        alike:
          owner === null &&
          !/^(?:CS|FS|BC|MSB|NU|NETSDK|CA|IDE|SA|SYSLIB|xUnit|NUnit|MSTEST|AD|RS|IL|RZ|ASP|MC|C|LNK|D|RC|CVT)\d/.test(
            code ?? '',
          ),
      };
      run.report(
        code !== null && Object.hasOwn(audit, code) ? vulnerability(draft, code as keyof typeof audit) : draft,
      );
      return 'yes';
    },
    // Errors stop the compiler before its analysers. That nothing was up to date already, no log says.
    end: (exit) => exit.exitCode === 0 && errors === 0 && (succeeded || (outputs > 0 && run.alone())),
  };
}

/** The printed file; a relative one counts from the folder of the project. Null for `CSC` and `MSBUILD`, which are none. */
function placed(origin: string, owner: string | null): string | null {
  if (!/[\\/.]/.test(origin)) return null;
  const folder = /^(.{0,1000})[\\/]/.exec(owner ?? '')?.[1];
  return folder === undefined || /^(?:[\\/]|[A-Za-z]:)/.test(origin) ? origin : `${folder}/${origin}`;
}

/** `(5)`, `(5,24)`, `(5-7)`, `(5,24-26)`, `(5,24,6,2)`. */
function placeOf(range: string | undefined): { line?: number; column?: number | null; end_line?: number | null } {
  const at = /^(\d{1,7})(?:-(\d{1,7}))?(?:,(\d{1,7}))?(?:-\d{1,7}|,(\d{1,7}),\d{1,7})?$/.exec(range ?? '');
  if (at === null) return {};
  const end = at[2] ?? at[4];
  return {
    line: Number(at[1]),
    column: at[3] === undefined ? null : Number(at[3]),
    end_line: end === undefined ? null : Number(end),
  };
}

function vulnerability(draft: Draft, code: keyof typeof audit): Draft {
  const message = draft.message.replace(/^Warning As Error: /, '');
  const at = advisory.exec(message);
  if (at === null) return draft;
  return {
    ...draft,
    message,
    kind: 'cve',
    tool: 'nuget-audit',
    severity: audit[code],
    tool_severity: at[3] ?? null,
    code: at[4]?.split('/').at(-1) ?? code,
    tool_code: code,
    package: at[1] ?? null,
    installed_version: at[2] ?? null,
    url: at[4] ?? null,
  };
}
