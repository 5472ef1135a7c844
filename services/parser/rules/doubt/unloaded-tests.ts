import type { Observation } from '../../../../events/finding.ts';

type Failed = Pick<Observation, 'file' | 'code' | 'tool_code'>;
type Absent = Pick<Observation, 'file' | 'code'>;

/** How tools name what could not be loaded or set up as a whole: unittest, jest and vitest. */
const unloadedModule = /\(unittest\.loader\.(?:_FailedTest|ModuleImportFailure)\b/;
const setUp = /^(\S{1,1000})\.(?:setUpClass|setUpModule)$/;
const unloadedSuite = 'Test suite failed to run';
/** A file that holds tests, by the name that it has in most languages. */
const testFile = /(?:^|[._-])(?:tests?|specs?)(?:[._-][^/]{0,200})?$|^[^/]{1,200}Test\.\w{1,5}$/;

/**
 * Whether a failed test stands for a file, a module, a class or a group as a whole, of which the other test is a part: it
 * may not have run. Where nothing tells which file holds the other one, each file that does not load may.
 */
export function keptFromRunning({ file, code, tool_code: toolCode }: Failed, other: Absent): boolean {
  if (code === null || other.code === null || code === other.code) return false;
  if (unloadedModule.test(toolCode ?? '')) return `.${other.code}.`.includes(`.${code}.`);
  const fixture = setUp.exec(code)?.[1];
  if (fixture !== undefined) return isWithin(other.code, fixture);
  if (isWithin(other.code, code)) return true;
  if (file === null || (code !== unloadedSuite && !isSamePath(code, file))) return false;
  if (other.file === file) return true;
  // pytest names the file of a test in the test's name.
  if (other.code.includes('::')) return false;
  return other.file === null || !testFile.test(other.file.slice(other.file.lastIndexOf('/') + 1));
}

function isWithin(name: string, whole: string): boolean {
  return ['.', '::', '/', ' > ', ' \u203a '].some((joint) => name.startsWith(`${whole}${joint}`));
}

/** A path as a tool prints it, from any folder, and as the repository has it. */
function isSamePath(printed: string, file: string): boolean {
  const path = printed.replace(/^\.\//, '');
  return path === file || path.endsWith(`/${file}`) || (/\.\w{1,5}$/.test(path) && file.endsWith(`/${path}`));
}
