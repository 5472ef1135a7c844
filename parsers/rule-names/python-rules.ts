import { type RuleNames, rows, table } from './define.ts';

/** flake8 with its plug-ins and ruff, which share their codes, and what pylint says of the same. */
const linters =
  'F401 W0611|F403 W0401|F404 W0410|F811 E0102|F821 E0602|F822 E0603|F823 E0601|F841 W0612|F632 R0123|' +
  'F541 W1309|F601 W0109|F631 W0199|F504 W1301|F505 E1304|F506 E1302|F507 E1306|F507 E1305|F509 E1300|' +
  'F521 W1302|F522 W1304|F523 E1305|F524 W1303|F525 W1305|F502 E1303|F622 E0112|F701 E0103|F702 E0103|' +
  'F704 E0105|F706 E0104|F707 E0701|E401 C0410|E402 C0413|E501 C0301|E701 C0321|E702 C0321|E703 W0301|' +
  'E711 C0121|E712 C0121|E713 C0117|E714 C0117|E721 C0123|E722 W0702|E731 C3001|E999 E0001|W291 C0303|' +
  'W293 C0303|W292 C0304|W391 C0305|W605 W1401|C901 R1260|B006 W0102|B012 W0150|B018 W0104|B018 W0106|' +
  'B023 W0640|B904 W0707|A001 W0622|A002 W0622|N801 C0103|N802 C0103|N803 C0103|N806 C0103|D100 C0114|' +
  'D101 C0115|D102 C0116|D103 C0116|ARG001 W0613|ARG002 W0613|SLF001 W0212|RET505 R1705|RET506 R1720|RET507 R1724|' +
  'RET508 R1723|G004 W1203|BLE001 W0718|S102 W0122|S307 W0123|FIX001 W0511|FIX002 W0511|TRY203 W0706';

/**
 * https://flake8.pycqa.org/en/latest/user/error-codes.html, https://docs.astral.sh/ruff/rules/,
 * https://pylint.readthedocs.io/en/stable/user_guide/messages/messages_overview.html,
 * https://mypy.readthedocs.io/en/stable/error_code_list.html, https://microsoft.github.io/pyright/#/configuration
 */
export const python: readonly RuleNames[] = [
  ...rows(['flake8', 'pylint'], linters),
  ...rows(['ruff', 'pylint'], linters.replace('E999 E0001', 'invalid-syntax E0001')),
  ...rows(['pyflakes', 'pylint'], linters.replaceAll('E999 E0001', 'syntax-error E0001')),
  ...table(
    ['mypy', 'pyright', 'pylint'],
    [
      ['attr-defined', 'reportAttributeAccessIssue', 'E1101'],
      ['arg-type', 'reportArgumentType', ''],
      ['assignment', 'reportAssignmentType', ''],
      ['call-arg', 'reportCallIssue', 'E1120'],
      ['call-arg', 'reportCallIssue', 'E1123'],
      ['call-arg', 'reportCallIssue', 'E1121'],
      ['import-not-found', 'reportMissingImports', 'E0401'],
      ['import-untyped', 'reportMissingTypeStubs', ''],
      ['index', 'reportIndexIssue', 'E1136'],
      ['name-defined', 'reportUndefinedVariable', 'E0602'],
      ['no-redef', 'reportRedeclaration', 'E0102'],
      ['operator', 'reportOperatorIssue', 'E1130'],
      ['override', 'reportIncompatibleMethodOverride', 'W0221'],
      ['possibly-undefined', 'reportPossiblyUnbound', 'E0606'],
      ['return', 'reportReturnType', ''],
      ['return-value', 'reportReturnType', ''],
      ['typeddict-item', 'reportTypedDictNotRequiredAccess', ''],
      ['union-attr', 'reportOptionalMemberAccess', ''],
      ['unused-awaitable', 'reportUnusedCoroutine', ''],
    ],
  ),
  // Both read the names that pyflakes reads.
  ...rows(['mypy', 'flake8'], 'name-defined F821|no-redef F811'),
  ...rows(['mypy', 'ruff'], 'name-defined F821|no-redef F811'),
  ...rows(['mypy', 'pyflakes'], 'name-defined F821|no-redef F811'),
  ...rows(
    ['pyright', 'ruff'],
    'reportUndefinedVariable F821|reportRedeclaration F811|reportUnusedImport F401|reportUnusedVariable F841',
  ),
  ...rows(
    ['pyright', 'flake8'],
    'reportUndefinedVariable F821|reportRedeclaration F811|reportUnusedImport F401|reportUnusedVariable F841',
  ),
  ...rows(
    ['pyright', 'pylint'],
    'reportUnusedImport W0611|reportUnusedVariable W0612|reportSelfClsParameterName E0213|reportWildcardImportFromLibrary W0401',
  ),
];
