/** The messages of pyflakes by flake8's codes for them: https://flake8.pycqa.org/en/latest/user/error-codes.html */
const codes: readonly (readonly [code: string, words: RegExp])[] = [
  ['F401', /^'.{1,200}' imported but unused$/],
  ['F402', /^import '.{1,200}' from line \d{1,7} shadowed by loop variable$/],
  ['F403', /^'from .{1,200} import \*' used; unable to detect undefined names$/],
  ['F404', /^from __future__ imports must occur at the beginning of the file$/],
  ['F405', /^'.{1,200}' may be undefined, or defined from star imports: /],
  ['F406', /^'from .{1,200} import \*' only allowed at module level$/],
  ['F407', /^future feature not defined: /],
  ['F50', /^'\.\.\.' % \.\.\. /],
  ['F52', /^'\.\.\.'\.format\(\.\.\.\) /],
  ['F541', /^f-string is missing placeholders$/],
  ['F542', /^t-string is missing placeholders$/],
  ['F601', /^dictionary key .{1,300} repeated with different values$/],
  ['F621', /^too many expressions in star-unpacking assignment$/],
  ['F622', /^two starred expressions in assignment$/],
  ['F631', /^assertion is always true, perhaps remove parentheses\?$/],
  ['F632', /^use ==\/!= to compare constant literals/],
  ['F633', /^use of >> is invalid with print function/],
  ['F634', /^'if tuple literal' is always true, perhaps remove accidental comma\?$/],
  ['F701', /^'break' outside loop$/],
  ['F702', /^'continue' (?:not properly in|outside) loop$/],
  ['F704', /^'yield' outside function$/],
  ['F706', /^'return' (?:outside|with arguments inside) /],
  ['F707', /^an 'except:' block as not the last exception handler$/],
  ['F722', /^syntax error in forward annotation /],
  ['F811', /^redefinition of unused '.{1,200}' from line \d{1,7}$/],
  ['F821', /^undefined name '.{1,200}'$/],
  ['F822', /^undefined name '.{1,200}' in __all__$/],
  ['F823', /^local variable '.{1,200}' .{0,80}referenced before assignment$/],
  ['F824', /^`(?:global|nonlocal) .{1,300}` is unused: name is never assigned in scope/],
  ['F841', /^local variable '.{1,200}' is assigned to but never used$/],
  ['F842', /^local variable '.{1,200}' is annotated but never used$/],
  ['F901', /^'raise NotImplemented' should be 'raise NotImplementedError'$/],
];
const kinds: readonly (readonly [family: string, code: string, words: RegExp])[] = [
  ['F50', 'F501', /has invalid format string/],
  ['F50', 'F502', /expected mapping/],
  ['F50', 'F503', /expected sequence/],
  ['F50', 'F504', /has unused named argument/],
  ['F50', 'F505', /is missing argument\(s\) for placeholder/],
  ['F50', 'F506', /mixed positional and named/],
  ['F50', 'F507', /placeholder\(s\) but \d+ substitution/],
  ['F50', 'F508', /`\*` specifier requires sequence/],
  ['F50', 'F509', /unsupported format character/],
  ['F52', 'F521', /has invalid format string/],
  ['F52', 'F522', /has unused named argument/],
  ['F52', 'F523', /has unused arguments/],
  ['F52', 'F524', /is missing argument\(s\)/],
  ['F52', 'F525', /mixes automatic and manual/],
];

/** The code of a message, or null for what pyflakes does not say. */
export function pyflakesCode(words: string): string | null {
  const text = words.slice(0, 1000);
  const code = codes.findLast(([, form]) => form.test(text))?.[0] ?? null;
  if (code === null || code.length === 4) return code;
  return kinds.find(([family, , form]) => family === code && form.test(text))?.[1] ?? null;
}
