import type { Machine, Parser, Run, Taken } from './define.ts';

const scenario = /^ {2}(?:Scenario(?: Outline)?|Example): (\S.{0,1000}?) {1,200}# (\S.{0,500}\.feature):(\d{1,7})$/;
const listed = /^ {2}(\S.{0,500}\.feature):(\d{1,7}) {1,4}(\S.{0,1000}?) *$/;
const sums =
  /^(\d{1,7}) scenarios? passed, (\d{1,7}) failed(?:, (\d{1,7}) error)?(?:, (\d{1,7}) hook_error)?(?:, (\d{1,7}) cleanup_error)?, (\d{1,7}) skipped(?:, (\d{1,7}) untested)?$/;
const reason = /^ {4,8}(?:ASSERT FAILED: |Assertion Failed: |\w[\w.]{0,80}(?:Error|Exception): )(.*)$/;
const maxTests = 5000;

/** `behave`: the list of failing scenarios at its end, with what the steps said before. */
export const behave: Parser = {
  name: 'behave',
  recipes: ['test'],
  cues: [
    'Scenario: ',
    'Scenario Outline: ',
    'Example: ',
    'Failing scenarios:',
    'Errored scenarios:',
    ' passed, ',
    'ASSERT FAILED: ',
    'Assertion Failed: ',
    'Error: ',
    'Exception: ',
    'USING RUNNER: behave',
    ' # None',
    'Took ',
  ],
  start,
};

function start(run: Run): Machine {
  let seen = run.runs();
  let at = '';
  const said = new Map<string, string>();
  const failures = new Map<string, RegExpExecArray>();
  let listing = false;
  let tally: RegExpExecArray | null = null;
  return {
    line(line) {
      if (line === 'Failing scenarios:' || line === 'Errored scenarios:') {
        seen = true;
        listing = true;
        run.saw();
        return 'more';
      }
      if (listing) {
        const one = listed.exec(line);
        if (one !== null) {
          if (failures.size < maxTests) failures.set(`${one[1]}:${one[2]}`, one);
          return 'more';
        }
        listing = false;
      }
      const head = scenario.exec(line);
      if (head !== null) {
        seen = true;
        at = `${head[2]}:${head[3]}`;
        return 'yes';
      }
      const first = begins(line);
      return first === 'no' && seen ? rest(line) : first;
    },
    end(exit) {
      for (const [key, [, file = '', line, name = '']] of failures) {
        run.report({
          kind: 'test_fail',
          severity: 'error',
          code: name.trim(),
          file,
          line: Number(line),
          message: said.get(key) ?? 'failed',
          raw: `${key} ${name}\n${said.get(key) ?? ''}`,
        });
      }
      if (tally !== null) {
        const [passed = 0, failed = 0, errors = 0, hooks = 0, cleanups = 0, skipped = 0, untested = 0] = tally
          .slice(1)
          .map((one) => Number(one ?? 0));
        run.counted({ passed, failed: failed + errors + hooks + cleanups, skipped: skipped + untested });
      }
      const early = exit.exitCode !== 0 && /(?:^|\s)--stop\b/.test(run.context.command);
      return tally !== null && !early;
    },
  };

  function begins(line: string): Taken {
    if (!line.startsWith('USING RUNNER: behave')) return 'no';
    seen = true;
    run.saw();
    return 'yes';
  }

  function rest(line: string): Taken {
    const sum = sums.exec(line);
    if (sum !== null) {
      tally = sum;
      run.saw();
      return 'yes';
    }
    const why = reason.exec(line);
    if (why !== null && at !== '' && !said.has(at) && said.size < maxTests) {
      said.set(at, line.trim().slice(0, 1000));
      return 'yes';
    }
    const undefinedStep = /^ {4}(\S.{0,500}?) {1,80}# None$/.exec(line)?.[1];
    if (undefinedStep !== undefined && at !== '') {
      if (!said.has(at)) said.set(at, `no step is defined for: ${undefinedStep}`);
      return 'yes';
    }
    if (!/^(?:ConfigError|ParserError|.{0,40}Error): /.test(line) || !run.runs()) return 'no';
    if (/^(?:ConfigError|ParserError|Parser failure)/.test(line)) run.crashed(line.slice(0, 1000));
    return /^(?:ConfigError|ParserError)/.test(line) ? 'yes' : 'no';
  }
}
