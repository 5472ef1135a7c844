/** What ends a block of silence, by family. */
export const endingTable: readonly (readonly [family: string, pattern: RegExp])[] = [
  ['eslint', /\b(?:eslint|stylelint|oxlint|tslint:)-?enable\b/gi],
  ['biome', /\bbiome-ignore-end\b/gi],
  ['pylint', /\bpylint\s{0,9}:\s{0,9}enable\b/gi],
  ['format', /\bfmt\s{0,9}:\s{0,9}on\b|\bisort\s{0,9}:\s{0,9}on\b/gi],
  ['rubocop', /\brubocop\s{0,9}:\s{0,9}enable\b/gi],
  ['phpcs', /\bphpcs\s{0,9}:\s{0,9}enable\b|@codingStandardsIgnoreEnd/gi],
  ['phpcov', /@codeCoverageIgnoreEnd/gi],
  ['checkstyle', /\bCHECKSTYLE\s{0,9}[:.]\s{0,9}ON\b|\bCPD-ON\b/gi],
  ['tidy', /\bNOLINTEND\b/gi],
  ['formatter', /@formatter\s{0,9}:\s{0,9}on\b|\bclang-format\s{1,9}on\b/gi],
  ['swiftlint', /\bswiftlint\s{0,9}:\s{0,9}enable\b/gi],
  ['pragma', /#\s{0,9}pragma\s{1,9}warning\s{1,9}restore\b/gi],
  [
    'diagnostic',
    /#\s{0,9}pragma\s{1,9}(?:GCC|clang)\s{1,9}diagnostic\s{1,9}pop\b|#\s{0,9}pragma\s{1,9}warning\s{0,9}\(\s{0,9}pop/gi,
  ],
  ['lcov', /\b(?:LCOV|GCOVR?)_EXCL_STOP\b/gi],
  ['markdownlint', /\bmarkdownlint-enable\b/gi],
  ['yamllint', /\byamllint\s{1,9}enable\b/gi],
];
