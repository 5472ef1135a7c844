import type { Draft, Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, list, textOf } from './engine/json-value.ts';

const levels = ['critical', 'high', 'medium', 'low'] as const;
const keys = new Set(['advisories', 'abandoned', 'ignored-advisories', 'unreachable-repositories', 'filter']);
const cell = /^\| ([\w./-][\w ./-]{0,150}?)? {0,200}\| (.{0,4000}?) {0,200}\|$/;
const plain = /^(Package|Severity|Advisory ID|CVE|Title|URL|Affected versions|Reported at): (.{0,4000})$/;

/** `composer audit`, as JSON, table and plain text. */
export const composerAudit: Parser = {
  name: 'composer-audit',
  recipes: ['audit'],
  together: true,
  json: { is: isReport, cut: ['"advisories":', '"advisoryId":'] },
  cues: ['| Package ', 'Package: ', ' security vulnerability advisor', ' abandoned packages', '| Abandoned Package'],
  start,
};

function isReport(value: unknown): boolean {
  if (!isFields(value) || !('advisories' in value) || !Object.keys(value).every((key) => keys.has(key))) return false;
  const { advisories } = value;
  if (Array.isArray(advisories)) return advisories.length === 0;
  return (
    isFields(advisories) &&
    Object.values(advisories).every((one) =>
      itemsOf(one).every((item) => 'advisoryId' in item || 'affectedVersions' in item),
    )
  );
}

/** PHP prints a list with gaps as an object. */
function itemsOf(value: unknown): Fields[] {
  return (isFields(value) ? Object.values(value) : list(value)).map(fields);
}

function start(run: Run): Machine {
  let announced = -1;
  let told = 0;
  let documents = 0;
  let rows: Map<string, string> | null = null;
  let last = '';
  let abandoned = false;
  const close = () => {
    if (rows?.has('Title') || rows?.has('Affected versions')) {
      told += 1;
      run.report(fromText(rows));
    }
    rows = null;
  };
  const leave = (name: string, instead: string | null) => {
    const words = instead === null ? 'No replacement was suggested.' : `Use ${instead} instead.`;
    const message = `Package ${name} is abandoned, you should avoid using it. ${words}`;
    run.report({ kind: 'lint', severity: 'warn', code: 'abandoned', message, package: name, raw: { name, instead } });
  };
  return {
    json(value) {
      documents += 1;
      for (const [name, items] of Object.entries(fields(fields(value).advisories))) {
        for (const item of itemsOf(items)) run.report(fromDocument(item, name));
      }
      for (const [name, instead] of Object.entries(fields(fields(value).abandoned))) leave(name, textOf(instead));
    },
    line(line) {
      const at = cell.exec(line) ?? plain.exec(line);
      if (at !== null) {
        const key = at[1] ?? last;
        if (key === 'Abandoned Package') abandoned = true;
        else if (abandoned) leave(key, /^none$/i.test(at[2] ?? '') ? null : (at[2] ?? null));
        else {
          if (key === 'Package' && at[1] !== undefined) {
            close();
            rows = new Map();
          }
          const before = at[1] === undefined ? `${rows?.get(key) ?? ''} ` : '';
          if (rows !== null && rows.size < 20) rows.set(key, `${before}${at[2] ?? ''}`.trim().slice(0, 4000));
        }
        last = key;
        return rows === null && !abandoned ? 'no' : 'more';
      }
      if (/^[+-][+-]{8,}$/.test(line)) {
        if (!abandoned) close();
        // The rule under the head of the table, and the one under its last row.
        else if (last !== 'Abandoned Package') abandoned = false;
        return abandoned ? 'more' : 'yes';
      }
      close();
      const sum = /^(?:Found (\d{1,9})|No) security vulnerability advisor/.exec(line);
      if (sum === null && !/^Found \d{1,9} abandoned packages?:$/.test(line)) return 'no';
      if (sum !== null) announced = Number(sum[1] ?? 0);
      run.saw();
      return 'yes';
    },
    end(exit) {
      // What a cut log broke off in is not known.
      if (exit.reason === 'exited') close();
      // A mask: 1 for vulnerable, 2 for abandoned.
      return documents > 0 || announced === told;
    },
  };
}

function fromText(rows: ReadonlyMap<string, string>): Draft {
  const id = rows.get('Advisory ID');
  const cve = /^CVE-/.test(rows.get('CVE') ?? '') ? rows.get('CVE') : undefined;
  const ids = [id, cve, /GHSA(?:-[0-9a-z]{4}){3}/.exec(rows.get('URL') ?? '')?.[0]].filter((one) => one !== undefined);
  const word = rows.get('Severity') ?? null;
  const text = [...rows].map(([key, value]) => `${key}: ${value}`).join('\n');
  const versions = rows.get('Affected versions') ?? '';
  return advisory(
    rows.get('Package') ?? '',
    ids,
    word,
    rows.get('Title') ?? '',
    versions,
    rows.get('URL') ?? null,
    text,
  );
}

function fromDocument(item: Fields, name: string): Draft {
  const remote = list(item.sources).map((source) => textOf(fields(source).remoteId));
  const ids = [textOf(item.advisoryId), textOf(item.cve), ...remote.filter((id) => /^(?:GHSA|CVE)-/.test(id ?? ''))];
  const known = [...new Set(ids.filter((id) => id !== null))];
  const versions = textOf(item.affectedVersions) ?? '';
  return advisory(name, known, textOf(item.severity), textOf(item.title) ?? '', versions, textOf(item.link), item);
}

function advisory(
  name: string,
  ids: readonly string[],
  word: string | null,
  title: string,
  versions: string,
  url: string | null,
  raw: unknown,
): Draft {
  // Several ranges belong to several release lines, and which one is installed is not told.
  const fixed = versions.includes('|') ? null : (/<\s{0,3}v?(\d[\w.-]{0,60})/.exec(versions)?.[1] ?? null);
  return {
    kind: 'cve',
    severity: levels.find((level) => level === word?.toLowerCase()) ?? 'high',
    tool_severity: word,
    code: ids[0] ?? null,
    message: `${name}: ${title}${versions === '' ? '' : ` (${versions})`}`,
    package: name,
    fixed_version: fixed,
    suggested_fix: fixed === null ? null : `bump ${name} to ${fixed}`,
    aliases: ids.slice(1),
    url,
    raw,
  };
}
