/** One rule as one tool names it. */
export type RuleName = readonly [tool: string, code: string];

/** Rules of several tools that say one thing about one line, by the pages on which the tools name each other's. */
const classes: readonly (readonly RuleName[])[] = [
  // https://docs.astral.sh/ruff/rules/ and https://pylint.readthedocs.io/en/stable/user_guide/messages/
  ...table(
    ['flake8', 'ruff', 'pylint'],
    [
      ['F401', 'F401', 'W0611'],
      ['F841', 'F841', 'W0612'],
      ['F821', 'F821', 'E0602'],
      ['F811', 'F811', 'E0102'],
      ['E722', 'E722', 'W0702'],
      ['E501', 'E501', 'C0301'],
      ['W291', 'W291', 'C0303'],
      ['W292', 'W292', 'C0304'],
      ['E703', 'E703', 'W0301'],
      ['E711', 'E711', 'C0121'],
      ['F541', 'F541', 'W1309'],
    ],
  ),
  // https://biomejs.dev/linter/rules-sources/ and https://oxc.rs/docs/guide/usage/linter/rules.html
  ...table(
    ['eslint', 'biome', 'oxlint'],
    [
      ['no-unused-vars', 'lint/correctness/noUnusedVariables', 'eslint(no-unused-vars)'],
      ['no-undef', 'lint/correctness/noUndeclaredVariables', 'eslint(no-undef)'],
      ['no-unreachable', 'lint/correctness/noUnreachable', 'eslint(no-unreachable)'],
      ['no-const-assign', 'lint/correctness/noConstAssign', 'eslint(no-const-assign)'],
      ['no-empty-pattern', 'lint/correctness/noEmptyPattern', 'eslint(no-empty-pattern)'],
      ['no-self-assign', 'lint/correctness/noSelfAssign', 'eslint(no-self-assign)'],
      ['no-unsafe-finally', 'lint/correctness/noUnsafeFinally', 'eslint(no-unsafe-finally)'],
      ['use-isnan', 'lint/correctness/useIsNan', 'eslint(use-isnan)'],
      ['no-dupe-keys', 'lint/suspicious/noDuplicateObjectKeys', 'eslint(no-dupe-keys)'],
      ['no-duplicate-case', 'lint/suspicious/noDuplicateCase', 'eslint(no-duplicate-case)'],
      ['no-debugger', 'lint/suspicious/noDebugger', 'eslint(no-debugger)'],
      ['no-console', 'lint/suspicious/noConsole', 'eslint(no-console)'],
      ['no-empty', 'lint/suspicious/noEmptyBlockStatements', 'eslint(no-empty)'],
      ['no-fallthrough', 'lint/suspicious/noFallthroughSwitchClause', 'eslint(no-fallthrough)'],
      ['no-sparse-arrays', 'lint/suspicious/noSparseArray', 'eslint(no-sparse-arrays)'],
      ['eqeqeq', 'lint/suspicious/noDoubleEquals', 'eslint(eqeqeq)'],
      ['no-var', 'lint/suspicious/noVar', 'eslint(no-var)'],
      ['prefer-const', 'lint/style/useConst', 'eslint(prefer-const)'],
      ['@typescript-eslint/no-explicit-any', 'lint/suspicious/noExplicitAny', 'typescript-eslint(no-explicit-any)'],
      ['@typescript-eslint/no-unused-vars', 'lint/correctness/noUnusedVariables', '@typescript-eslint(no-unused-vars)'],
    ],
  ),
  // https://mypy.readthedocs.io/en/stable/error_code_list.html and
  // https://microsoft.github.io/pyright/#/configuration
  ...table(
    ['mypy', 'pyright'],
    [
      ['attr-defined', 'reportAttributeAccessIssue'],
      ['arg-type', 'reportArgumentType'],
      ['assignment', 'reportAssignmentType'],
      ['call-arg', 'reportCallIssue'],
      ['import-not-found', 'reportMissingImports'],
      ['index', 'reportIndexIssue'],
      ['name-defined', 'reportUndefinedVariable'],
      ['operator', 'reportOperatorIssue'],
      ['override', 'reportIncompatibleMethodOverride'],
      ['return-value', 'reportReturnType'],
      ['union-attr', 'reportOptionalMemberAccess'],
    ],
  ),
];

/** Tools that name what they share alike: the warnings of gcc and clang, the lints of rustc that clippy tells too. */
const alike: readonly (readonly string[])[] = [
  ['flake8', 'ruff'],
  ['gcc', 'clang'],
  ['rustc', 'clippy'],
];

const byName = new Map<string, RuleName[]>();
for (const rules of classes)
  for (const [tool, code] of rules)
    byName.set(`${tool}\n${code}`, [
      ...(byName.get(`${tool}\n${code}`) ?? []),
      ...rules.filter((one) => one[0] !== tool),
    ]);

/** What other tools call a rule. */
export function sameRules(tool: string, code: string): readonly RuleName[] {
  const named = byName.get(`${tool}\n${code}`) ?? [];
  const others = alike.filter((tools) => tools.includes(tool)).flat();
  const told = new Set(named.map(([name]) => name));
  return [...named, ...others.flatMap((one): RuleName[] => (one === tool || told.has(one) ? [] : [[one, code]]))];
}

function table(tools: readonly string[], rows: readonly (readonly string[])[]): RuleName[][] {
  return rows.map((codes) => codes.map((code, at): RuleName => [tools[at] ?? '', code]));
}
