import type { Machine, Parser, Run } from './define.ts';
import { ghsaOf, npmDraft } from './engine/npm-advisory.ts';

type Entry = { name: string; range: string; word: string; advisories: [string, string][]; fix: string | null };

/** `npm audit` as text (7 and newer). Packages that only depend on vulnerable ones are told there. */
export const npmAuditText: Parser = {
  name: 'npm-audit-text',
  tool: 'npm-audit',
  recipes: ['audit'],
  cues: [
    '# npm audit report',
    'found 0 vulnerabilities',
    'audit endpoint returned an error',
    ' audit fix',
    ' code EAUDIT',
    ' code ENOLOCK',
  ],
  start,
};

function start(run: Run): Machine {
  let ended = false;
  let open: Entry | null = null;
  let reading = false;
  const close = () => {
    const own = open;
    open = null;
    for (const [title, url] of own?.advisories ?? []) {
      const { name = '', range = '', word = '', fix = null } = own ?? {};
      const code = ghsaOf(url) ?? url;
      const target = /^bump (.{1,200}) to (.{1,100})$/.exec(fix ?? '');
      run.report({
        ...npmDraft({ name, word, url, code, title: `${title} (${range})`, patched: '', installed: null }),
        fixed_version: target?.[1] === name ? (target[2] ?? null) : null,
        suggested_fix: fix,
        raw: { name, range, severity: word, title, url, fix },
      });
    }
  };
  return {
    line(line) {
      if (line === '# npm audit report') {
        reading = true;
        run.saw();
        return 'more';
      }
      if (line === 'found 0 vulnerabilities' && run.runs()) {
        ended = true;
        run.saw();
        return 'yes';
      }
      const failure =
        /^npm (?:error|ERR!) (audit endpoint returned an error.{0,500}|code (?:EAUDIT\w{1,40}|ENOLOCK))$/.exec(line);
      // With `--json` a document tells it.
      if (failure !== null && run.runs() && !run.context.command.includes('--json')) {
        run.crashed(failure[1] ?? '');
        return 'yes';
      }
      if (!reading) return 'no';
      if (/^\d{1,9} (?:\w{1,10} severity )?vulnerabilit(?:y|ies)/.test(line)) {
        close();
        reading = false;
        ended = true;
        return 'yes';
      }
      if (line === '') close();
      else if (open === null) open = headOf(line);
      else body(open, line);
      return 'more';
    },
    end(exit) {
      // What a cut log broke off in is not known.
      if (exit.reason === 'exited') close();
      return ended;
    },
  };
}

function headOf(line: string): Entry | null {
  const at = /^(@?[\w.~-][\w./~-]{0,213}) {2}(\S.{0,500})$/.exec(line);
  return at === null ? null : { name: at[1] ?? '', range: at[2] ?? '', word: '', advisories: [], fix: null };
}

function body(entry: Entry, line: string) {
  const severity = /^Severity: (\w{1,20})$/.exec(line)?.[1];
  const advisory = /^(\S.{0,1000}) - (https:\/\/\S{1,500})$/.exec(line);
  const install = /^Will install (@?[^@\s]{1,214})@([\w.+-]{1,100}),/.exec(line);
  if (severity !== undefined) entry.word = severity;
  else if (advisory !== null && entry.advisories.length < 200)
    entry.advisories.push([advisory[1] ?? '', advisory[2] ?? '']);
  else if (install !== null) entry.fix = `bump ${install[1]} to ${install[2]}`;
  else if (/^fix available via `npm audit fix/.test(line)) entry.fix = 'run npm audit fix';
}
