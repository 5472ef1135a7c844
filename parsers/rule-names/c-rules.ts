import { type RuleNames, rows } from './define.ts';

/** https://cppcheck.sourceforge.io/manual.html (`--errorlist`) and https://clang.llvm.org/extra/clang-tidy/checks/list.html */
const checkers =
  'uninitvar clang-analyzer-core.uninitialized.Assign|uninitvar clang-analyzer-core.uninitialized.UndefReturn|' +
  'uninitvar clang-analyzer-core.CallAndMessage|uninitvar clang-analyzer-core.UndefinedBinaryOperatorResult|' +
  'uninitvar clang-analyzer-core.uninitialized.Branch|uninitvar cppcoreguidelines-init-variables|' +
  'nullPointer clang-analyzer-core.NullDereference|memleak clang-analyzer-unix.Malloc|' +
  'memleak clang-analyzer-cplusplus.NewDeleteLeaks|deallocuse clang-analyzer-unix.Malloc|' +
  'deallocuse clang-analyzer-cplusplus.NewDelete|doubleFree clang-analyzer-unix.Malloc|' +
  'doubleFree clang-analyzer-cplusplus.NewDelete|mismatchAllocDealloc clang-analyzer-unix.MismatchedDeallocator|' +
  'zerodiv clang-analyzer-core.DivideZero|returnDanglingLifetime clang-analyzer-core.StackAddressEscape|' +
  'arrayIndexOutOfBounds clang-analyzer-security.ArrayBound|unreadVariable clang-analyzer-deadcode.DeadStores|' +
  'redundantAssignment clang-analyzer-deadcode.DeadStores|duplicateExpression misc-redundant-expression|' +
  'noExplicitConstructor google-explicit-constructor|noExplicitConstructor hicpp-explicit-conversions|' +
  'passedByValue performance-unnecessary-value-param|useInitializationList cppcoreguidelines-prefer-member-initializer|' +
  'missingOverride modernize-use-override|cstyleCast google-readability-casting|' +
  'cstyleCast cppcoreguidelines-pro-type-cstyle-cast|uninitMemberVar cppcoreguidelines-pro-type-member-init|' +
  'duplicateBranch bugprone-branch-clone|suspiciousSemicolon bugprone-suspicious-semicolon|' +
  'accessMoved bugprone-use-after-move';

/** https://gcc.gnu.org/onlinedocs/gcc/Warning-Options.html and https://clang.llvm.org/docs/DiagnosticsReference.html */
const warnings =
  'uninitvar uninitialized|uninitvar maybe-uninitialized|uninitvar sometimes-uninitialized|legacyUninitvar uninitialized|' +
  'unusedVariable unused-variable|unreadVariable unused-but-set-variable|unusedFunction unused-function|unusedLabel unused-label|' +
  'nullPointer null-dereference|zerodiv div-by-zero|zerodiv division-by-zero|arrayIndexOutOfBounds array-bounds|' +
  'returnDanglingLifetime return-local-addr|returnDanglingLifetime return-stack-address|missingReturn return-type|shadowVariable shadow|' +
  'missingOverride suggest-override|missingOverride inconsistent-missing-override|cstyleCast old-style-cast|virtualDestructor non-virtual-dtor|' +
  'virtualDestructor delete-non-virtual-dtor|deallocuse use-after-free|mismatchAllocDealloc mismatched-new-delete|mismatchAllocDealloc mismatched-dealloc|' +
  'unreachableCode unreachable-code|wrongPrintfScanfArgNum format|invalidPrintfArgType_s format|invalidPrintfArgType_sint format|' +
  'invalidPrintfArgType_uint format|invalidPrintfArgType_float format|invalidPrintfArgType_p format|invalidPrintfArgType_n format|' +
  'initializerList reorder|signConversion sign-conversion|shiftTooManyBits shift-count-overflow|shiftNegative shift-count-negative|' +
  'duplicateBranch duplicated-branches|multiCondition duplicated-cond|selfAssignment self-assign|comparePointers compare-distinct-pointer-types|' +
  'ignoredReturnValue unused-result|danglingLifetime dangling-pointer';

const flags = warnings.replace(/ /g, ' -W');

export const c: readonly RuleNames[] = [
  ...rows(['cppcheck', 'clang-tidy'], checkers),
  ...rows(['cppcheck', 'clang-tidy'], warnings.replace(/ /g, ' clang-diagnostic-')),
  ...rows(['cppcheck', 'gcc'], flags),
  ...rows(['cppcheck', 'clang'], flags),
];
