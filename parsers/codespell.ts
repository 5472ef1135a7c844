import type { Machine, Parser, Run } from './define.ts';

const plain = /^(\S[^:]{0,1023}):(\d{1,7}): (\S{1,100}) ==> (\S.{0,500})$/;
/** Names of files, and the text of commits, have no line. */
const name = /^(\S.{0,1023}?): (\S{1,100}) ==> (\S.{0,500})$/;

/** `codespell`: a word and what it may be meant to be. The word is the rule, so that it is known when its line moves. */
export const codespell: Parser = {
  name: 'codespell',
  recipes: ['lint'],
  quiet: true,
  cues: [' ==> ', 'codespell: error: '],
  start,
};

function start(run: Run): Machine {
  let found = 0;
  return {
    line(line) {
      const at = plain.exec(line);
      if (at !== null) {
        report(at[1] ?? null, Number(at[2]), at[3] ?? '', at[4] ?? '', line);
        return 'yes';
      }
      const bare = run.runs() ? name.exec(line) : null;
      if (bare !== null) {
        report(bare[1] ?? null, null, bare[2] ?? '', bare[3] ?? '', line);
        return 'yes';
      }
      if (!/^codespell: error: /.test(line)) return 'no';
      run.crashed(line.slice(0, 1000));
      return 'yes';
    },
    end: () => found > 0 && run.alone(),
  };

  function report(file: string | null, line: number | null, word: string, meant: string, raw: string) {
    found += 1;
    run.report({
      kind: 'lint',
      severity: 'info',
      code: word,
      file,
      line,
      message: `${word} ==> ${meant}`,
      suggested_fix: meant.includes(',') ? null : `write ${meant}`,
      raw,
    });
  }
}
