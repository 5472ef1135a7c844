import type { Observation } from '../../../../events/finding.ts';
import { keptFromRunning } from '../doubt/unloaded-tests.ts';

/** What ends the reading of a file, in the words of compilers and linters. */
const fatal =
  /\bfatal\b|\bsyntax ?error|\binvalid syntax\b|\bpars(?:e|ing) error|\bcould ?n[o']t parse|\bcannot parse|\bunexpected (?:token|end|eof|indent)|\bwas never closed\b|\bunterminated\b|\bno such file\b|^SC10(?:[0-8]\d)\b|^E9\d\d\b/i;

/** The same, by the names that tools give it: ruff, pylint, mypy, RuboCop, stylelint, biome, hadolint. */
const fatalCode =
  /^(?:invalid-syntax|syntax-error|E0001|F0010|syntax|Lint\/Syntax|CssSyntaxError|parse|parse-error|DL1000)$/;

/**
 * Whether one finding of a tool may keep it from another one: it cannot go on in that file. Behind a script, whose exit
 * code says little, each error does, and one that ends the reading of a file does for all files. A test is kept from
 * running by what could not be loaded or set up around it.
 */
export function mayHide(
  observation: Observation,
  other: Pick<Observation, 'tool' | 'kind' | 'file' | 'code'>,
  isScripted: boolean,
): boolean {
  const { tool, severity, kind, file, code, tool_code: toolCode, message } = observation;
  if (tool !== other.tool || kind !== other.kind) return false;
  if (kind === 'test_fail') return keptFromRunning(observation, other);
  if (kind !== 'lint') return false;
  const names = [code, toolCode].filter((one) => one !== null);
  const isFatal =
    names.some((one) => fatalCode.test(one)) ||
    [code, toolCode, message].some((words) => words !== null && fatal.test(words));
  if (isScripted) return isFatal || (severity === 'error' && file === other.file);
  return isFatal && file === other.file;
}
