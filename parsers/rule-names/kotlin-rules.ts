import { type RuleNames, rows } from './define.ts';

/** detekt's own rules that ktlint has too: https://detekt.dev/docs/rules/style and https://pinterest.github.io/ktlint/latest/rules/standard/ */
const own =
  'UnusedImports no-unused-imports|WildcardImport no-wildcard-imports|NewLineAtEndOfFile final-newline|' +
  'TrailingWhitespace no-trailing-spaces|MaxLineLength max-line-length|MatchingDeclarationName filename|PackageNaming package-name|' +
  'FunctionNaming function-naming|ClassNaming class-naming|TopLevelPropertyNaming property-naming|OptionalUnit no-unit-return|' +
  'MandatoryBracesIfStatements if-else-bracing|BracesOnIfStatements multiline-if-else|NoTabs indent|EmptyClassBlock no-empty-class-body';

/** Those whose wrapper in detekt has a name of its own: https://detekt.dev/docs/rules/formatting */
const wrapped =
  'MaximumLineLength max-line-length|NoSemicolons no-semi|Indentation indent|NoUnitReturn no-unit-return|Filename filename|' +
  'ImportOrdering import-ordering|StringTemplate string-template|ModifierOrdering modifier-order|MultiLineIfElse multiline-if-else';

const all = `${own}|${wrapped}`;

/** ktlint names the set of a rule since 1.0. */
export const kotlin: readonly RuleNames[] = [
  ...rows(['detekt', 'ktlint'], all),
  ...rows(['detekt', 'ktlint'], all.replace(/ /g, ' standard:')),
];
