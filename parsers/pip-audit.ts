import type { Draft, Json, Machine, Parser, Run } from './define.ts';
import { fixedVersion } from './engine/fixed-version.ts';
import { type Fields, fields, isFields, list, listWith, textOf, texts } from './engine/json-value.ts';

/** `pip-audit`, as JSON (since 2.0 and before) and as its table. It names no severity: a vulnerability is `high`. */
export const pipAudit: Parser = {
  name: 'pip-audit',
  recipes: ['audit'],
  json: {
    is: (value) =>
      (isFields(value) && listWith(value.dependencies, isDependency)) ||
      (isFields(value) && 'fixes' in value && Array.isArray(value.dependencies) && value.dependencies.length === 0) ||
      listWith(value, isDependency),
    cut: ['"name": ', '"version": ', '"vulns": '],
  },
  cues: ['ERROR:pip_audit', 'known vulnerabilit', 'Fix Versions', 'Skip Reason'],
  start,
};

function isDependency(item: Fields): boolean {
  return 'vulns' in item || (typeof item.name === 'string' && typeof item.skip_reason === 'string');
}

function start(run: Run): Machine {
  let documents = 0;
  let summed = false;
  /** Where the reasons of the table of skipped packages begin; 0 outside of it. */
  let skips = 0;
  /** Where the columns of the table begin. */
  let columns: number[] | null = null;
  return {
    json(value) {
      documents += 1;
      for (const dependency of list(Array.isArray(value) ? value : fields(value).dependencies)) {
        const { name, skip_reason: skipped } = fields(dependency);
        if (textOf(skipped) !== null) run.skipped(textOf(name) ?? '');
        for (const item of list(fields(dependency).vulns)) run.report(vulnerability(fields(dependency), item));
      }
    },
    line(line) {
      if (skips > 0) {
        if (/^-+ -+$/.test(line)) return 'more';
        const name = line.slice(0, skips).trim();
        if (name !== '' && !/\s/.test(name)) {
          run.skipped(name);
          return 'more';
        }
        skips = 0;
      }
      if (/^Name +Skip Reason/.test(line)) {
        skips = line.indexOf('Skip Reason');
        return 'more';
      }
      if (columns !== null) {
        if (/^[\s-]+$/.test(line)) return 'more';
        const [name, version, id, fix] = columns.map((from, at) => line.slice(from, columns?.[at + 1]).trim());
        if (name && version && id && /^[A-Z]+-/.test(id) && !/\s/.test(name)) {
          run.report(draft(name, version, id, (fix ?? '').split(/[, ]+/), '', line));
          return 'more';
        }
        columns = null;
        return line === '' ? 'yes' : 'no';
      }
      if (/^Name +Version +ID +Fix Versions/.test(line)) {
        columns = ['Name', 'Version', 'ID', 'Fix Versions'].map((word) => line.indexOf(word));
        // What follows the fourth column (aliases, descriptions) is not read.
        const more = /Fix Versions +(\S)/.exec(line.slice(columns[3]));
        if (more !== null) columns.push((columns[3] ?? 0) + more[0].length - 1);
        run.saw();
        return 'more';
      }
      // pnpm has the same words.
      const clean = /^No known vulnerabilities found/.test(line) && (documents > 0 || run.runs());
      if (clean || /^Found \d+ known vulnerabilit/.test(line)) {
        summed = true;
        run.saw();
        return 'yes';
      }
      if (!line.startsWith('ERROR:pip_audit')) return 'no';
      run.crashed(line.replace(/^ERROR:[\w.]{1,80}:/, ''));
      return 'yes';
    },
    end: () => documents > 0 || summed,
  };
}

function vulnerability(dependency: Fields, item: Json): Draft {
  const { id, fix_versions: fixes, aliases, description } = fields(item);
  const name = textOf(dependency.name) ?? '';
  const words = textOf(description) ?? '';
  const raw = { name, version: dependency.version, ...fields(item) };
  return {
    ...draft(name, textOf(dependency.version) ?? '', textOf(id) ?? '', texts(fixes), words, raw),
    aliases: texts(aliases),
  };
}

function draft(name: string, version: string, id: string, fixes: string[], words: string, raw: Json): Draft {
  const fixed = fixedVersion(fixes, version);
  return {
    kind: 'cve',
    severity: 'high',
    code: id,
    message: `${name} ${version}: ${words === '' ? id : words}`,
    package: name,
    installed_version: version,
    fixed_version: fixed,
    suggested_fix: fixed === null ? null : `bump ${name} to ${fixed}`,
    url: /^(?:PYSEC|GHSA|CVE)-[\w-]{1,60}$/.test(id) ? `https://osv.dev/vulnerability/${id}` : null,
    raw,
  };
}
