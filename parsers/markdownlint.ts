import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, list, listWith, numberOf, textOf, texts } from './engine/json-value.ts';

/** `path:line:column error MD001/heading-increment words`; older versions name no severity. */
const plain =
  /^(\S[^:]{0,1023}):(\d{1,7})(?::(\d{1,7}))? (?:(error|warning) )?([A-Z]{2,12}\d{1,4})(?:\/([a-z\d/-]{1,200}))? (\S.*)$/;

/** `markdownlint` and `markdownlint-cli2`: their text, and the JSON of the first. */
export const markdownlint: Parser = {
  name: 'markdownlint',
  recipes: ['lint'],
  quiet: true,
  json: {
    is: (value) => listWith(value, (item) => Array.isArray(item.ruleNames) && 'lineNumber' in item),
    cut: ['"ruleNames"', '"lineNumber"'],
  },
  cues: [' MD', ' error ', ' warning ', 'Summary: ', 'markdownlint-cli2 v', 'Error: '],
  start,
};

function start(run: Run): Machine {
  let documents = 0;
  let found = 0;
  let banner = false;
  let summed = false;
  return {
    json(value) {
      documents += 1;
      for (const item of list(value).map(fields)) structured(item);
    },
    line(line) {
      const at = plain.exec(line);
      // Rules of plug-ins have other names: then the company tells.
      if (at !== null && (/^MD\d/.test(at[5] ?? '') || banner || found > 0 || run.runs())) {
        report(at[5] ?? null, at[7] ?? '', line, at[4] ?? null, {
          file: at[1] ?? null,
          line: Number(at[2]),
          column: at[3] === undefined ? null : Number(at[3]),
        });
        return 'yes';
      }
      if (/^markdownlint-cli2 v\d/.test(line)) {
        banner = true;
        run.saw();
        return 'yes';
      }
      if (banner && /^Summary: \d{1,7} (?:error|issue)\(s\)/.test(line)) {
        summed = true;
        return 'yes';
      }
      if (!/^Error: /.test(line) || !(banner || run.runs())) return 'no';
      run.crashed(line.slice(0, 1000));
      return 'yes';
    },
    end: () => summed || documents > 0 || (found > 0 && !banner && run.alone()),
  };

  function structured(item: Fields) {
    const [code = null, name] = texts(item.ruleNames);
    const detail = textOf(item.errorDetail);
    const context = textOf(item.errorContext);
    const words = [
      textOf(item.ruleDescription) ?? name ?? '',
      ...(detail === null ? [] : [`[${detail}]`]),
      ...(context === null ? [] : [`[Context: "${context}"]`]),
    ];
    report(code, words.join(' '), item, textOf(item.severity), {
      file: textOf(item.fileName),
      line: numberOf(item.lineNumber),
      column: numberOf(list(item.errorRange)[0]),
      url: textOf(item.ruleInformation),
    });
  }

  function report(
    code: string | null,
    message: string,
    raw: unknown,
    severity: string | null,
    place: { file: string | null; line: number | null; column: number | null; url?: string | null },
  ) {
    found += 1;
    run.report({
      kind: 'lint',
      severity: severity === 'error' ? 'error' : 'warn',
      tool_severity: severity,
      code,
      message,
      raw,
      ...place,
    });
  }
}
