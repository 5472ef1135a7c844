import type { Machine, Parser, Run } from './define.ts';
import { advisoryBox } from './engine/advisory-box.ts';
import { fields, isFields, textOf } from './engine/json-value.ts';
import { auditorOf, isNpm6Report, npm6Advisory } from './engine/npm-advisory.ts';

/** `pnpm audit`, as `--json` and as boxes. */
export const pnpmAudit: Parser = {
  name: 'pnpm-audit',
  recipes: ['audit'],
  json: {
    is: (value, context) => (isNpm6Report(value) && auditorOf(value, context) === 'pnpm') || isFailure(value),
    cut: ['"advisories":', '"github_advisory_id":', '"module_name":'],
  },
  cues: ['critical   ', 'high   ', 'moderate   ', 'low   ', 'info   ', 'ulnerabilities found', 'ERR_PNPM_AUDIT'],
  start,
};

function isFailure(value: unknown): boolean {
  return isFields(value) && isFields(value.error) && /^ERR_PNPM_/.test(textOf(value.error.code) ?? '');
}

function start(run: Run): Machine {
  let ended = false;
  let announced = 0;
  let boxes = 0;
  let failing: string[] | null = null;
  const box = advisoryBox((width) => width > 15);
  const stop = () => {
    if (failing !== null) run.crashed(failing.join(' '));
    failing = null;
  };
  return {
    json(value) {
      if (isFailure(value)) {
        const { code, message } = fields(fields(value).error);
        run.crashed([textOf(code), textOf(message)].filter((part) => part !== null).join(': '));
        return;
      }
      ended = true;
      for (const item of Object.values(fields(fields(value).advisories))) run.report(npm6Advisory(fields(item)));
    },
    line(line) {
      const told = box.line(line);
      if (typeof told === 'object') {
        boxes += 1;
        run.report(told);
      }
      if (told !== 'no') return told === 'more' ? 'more' : 'yes';
      if (failing !== null) {
        const words = line.replace(/^[\s\u00d7\u2502x]{0,8}/, '').trim();
        if (failing.length < 6 && (words !== '' || failing.length === 1)) {
          if (words !== '') failing.push(words.slice(0, 500));
          return 'more';
        }
        stop();
        return 'no';
      }
      const code = /^(?:Error:)?.{0,3}(ERR_PNPM_AUDIT\w{1,60})(.{0,1000})$/.exec(line);
      if (code !== null) {
        failing = [`${code[1]}${(code[2] ?? '').trimEnd()}`];
        run.saw();
        return 'more';
      }
      const sum = /^(?:No known|(\d{1,9})) vulnerabilities found$/.exec(line);
      if (sum === null || (sum[1] === undefined && !run.runs('pnpm audit', 'pnpm'))) return 'no';
      announced += Number(sum[1] ?? 0);
      ended = true;
      run.saw();
      return 'yes';
    },
    end() {
      stop();
      return ended && announced <= boxes;
    },
  };
}
