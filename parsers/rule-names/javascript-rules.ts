import { type RuleNames, rows } from './define.ts';

/** https://biomejs.dev/linter/rules-sources/ */
const biome =
  'no-unused-vars lint/correctness/noUnusedVariables|no-undef lint/correctness/noUndeclaredVariables|' +
  'no-unreachable lint/correctness/noUnreachable|no-const-assign lint/correctness/noConstAssign|' +
  'no-empty-pattern lint/correctness/noEmptyPattern|no-self-assign lint/correctness/noSelfAssign|' +
  'no-unsafe-finally lint/correctness/noUnsafeFinally|use-isnan lint/correctness/useIsNan|' +
  'no-dupe-keys lint/suspicious/noDuplicateObjectKeys|no-duplicate-case lint/suspicious/noDuplicateCase|' +
  'no-debugger lint/suspicious/noDebugger|no-console lint/suspicious/noConsole|' +
  'no-empty lint/suspicious/noEmptyBlockStatements|no-fallthrough lint/suspicious/noFallthroughSwitchClause|' +
  'no-sparse-arrays lint/suspicious/noSparseArray|eqeqeq lint/suspicious/noDoubleEquals|' +
  'no-var lint/suspicious/noVar|prefer-const lint/style/useConst|' +
  '@typescript-eslint/no-explicit-any lint/suspicious/noExplicitAny|@typescript-eslint/no-unused-vars lint/correctness/noUnusedVariables|' +
  'no-useless-catch lint/complexity/noUselessCatch|no-extra-boolean-cast lint/complexity/noExtraBooleanCast|' +
  'no-prototype-builtins lint/suspicious/noPrototypeBuiltins|no-unused-labels lint/correctness/noUnusedLabels|' +
  'no-async-promise-executor lint/suspicious/noAsyncPromiseExecutor|no-case-declarations lint/correctness/noSwitchDeclarations|' +
  'no-class-assign lint/suspicious/noClassAssign|no-compare-neg-zero lint/suspicious/noCompareNegZero|' +
  'no-control-regex lint/suspicious/noControlCharactersInRegex|no-cond-assign lint/suspicious/noAssignInExpressions|' +
  'no-func-assign lint/suspicious/noFunctionAssign|no-import-assign lint/suspicious/noImportAssign|' +
  'no-redeclare lint/suspicious/noRedeclare|no-setter-return lint/correctness/noSetterReturn|' +
  'no-shadow-restricted-names lint/suspicious/noShadowRestrictedNames|no-unsafe-negation lint/suspicious/noUnsafeNegation|' +
  'no-unsafe-optional-chaining lint/correctness/noUnsafeOptionalChaining|no-with lint/complexity/noWith|' +
  'require-yield lint/correctness/useYield|valid-typeof lint/suspicious/useValidTypeof|' +
  'getter-return lint/suspicious/useGetterReturn|no-dupe-args lint/suspicious/noDuplicateParameters|' +
  'no-dupe-class-members lint/suspicious/noDuplicateClassMembers|no-obj-calls lint/correctness/noGlobalObjectCalls|' +
  'constructor-super lint/correctness/noInvalidConstructorSuper|no-constructor-return lint/correctness/noConstructorReturn|' +
  'no-inner-declarations lint/correctness/noInnerDeclarations|no-empty-character-class lint/correctness/noEmptyCharacterClassInRegex|' +
  'no-misleading-character-class lint/suspicious/noMisleadingCharacterClass|no-ex-assign lint/suspicious/noCatchAssign|' +
  'no-global-assign lint/suspicious/noGlobalAssign|no-eval lint/security/noGlobalEval|' +
  'default-case-last lint/suspicious/useDefaultSwitchClauseLast|no-param-reassign lint/style/noParameterAssign|' +
  'prefer-template lint/style/useTemplate|no-useless-rename lint/complexity/noUselessRename|' +
  'no-useless-constructor lint/complexity/noUselessConstructor|@typescript-eslint/ban-types lint/complexity/noBannedTypes|' +
  '@typescript-eslint/no-non-null-assertion lint/style/noNonNullAssertion|@typescript-eslint/no-namespace lint/style/noNamespace|' +
  '@typescript-eslint/no-this-alias lint/complexity/noUselessThisAlias|@typescript-eslint/no-empty-interface lint/suspicious/noEmptyInterface|' +
  '@typescript-eslint/no-extra-non-null-assertion lint/suspicious/noExtraNonNullAssertion|@typescript-eslint/consistent-type-imports lint/style/useImportType|' +
  'react-hooks/exhaustive-deps lint/correctness/useExhaustiveDependencies|react-hooks/rules-of-hooks lint/correctness/useHookAtTopLevel|' +
  'react/jsx-key lint/correctness/useJsxKeyInIterable|jsx-a11y/alt-text lint/a11y/useAltText';

/**
 * What typescript-eslint switches off because the compiler says it (eslint-recommended, "ts(2304)" and the like), and what
 * `noUnused*`, `noFallthroughCasesInSwitch` and `allowUnreachable*` say: https://typescript-eslint.io/users/configs/
 */
const compiler =
  'constructor-super TS2335|constructor-super TS2377|getter-return TS2378|no-class-assign TS2629|' +
  'no-const-assign TS2588|no-dupe-args TS2300|no-dupe-class-members TS2393|no-dupe-class-members TS2300|' +
  'no-dupe-keys TS1117|no-func-assign TS2630|no-import-assign TS2632|no-import-assign TS2540|' +
  'no-new-native-nonconstructor TS7009|no-new-symbol TS7009|no-obj-calls TS2349|no-redeclare TS2451|' +
  'no-setter-return TS2408|no-this-before-super TS2376|no-this-before-super TS17009|no-undef TS2304|' +
  'no-undef TS2552|no-unreachable TS7027|no-unsafe-negation TS2365|no-unsafe-negation TS2322|' +
  'no-unsafe-negation TS2358|no-with TS1101|no-with TS2410|no-fallthrough TS7029|' +
  'no-unused-labels TS7028|consistent-return TS7030|no-unused-vars TS6133|no-unused-vars TS6192|' +
  'no-unused-vars TS6196|no-unused-vars TS6198|no-unused-private-class-members TS6133|@typescript-eslint/no-unused-vars TS6133|' +
  '@typescript-eslint/no-unused-vars TS6192|@typescript-eslint/no-unused-vars TS6196|@typescript-eslint/no-unused-vars TS6198|import/no-unresolved TS2307|' +
  'import/named TS2305|import/default TS1192';

export const javascript: readonly RuleNames[] = [
  ...rows(['eslint', 'biome'], biome),
  ...rows(['eslint', 'tsc'], compiler),
];
