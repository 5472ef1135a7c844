/** How the tools of the field say that something went wrong; not what they print when nothing did. */
const trouble =
  /(?:^|[^\w./-])(?:error|fatal|panic(?:ked)?|exception|traceback|segmentation fault|undefined reference|command not found|no such file or directory)(?![\w-]|\.\w)|(?:^|\s)(?:FAIL(?:ED|URE)?|ERR!|✖|✗)(?=[\s:\]!]|$)/i;
/** An error by its class, as Python, Java and JavaScript name them. */
const named = /\b[A-Z]\w*(?:Error|Exception)(?=:|\s*$)/;
const fine = /\b(?:0|no) (?:errors?|failures?|failed)\b|\berrors?: ?0\b|\bfail(?:ed|ures?)?:? ?0\b/i;

/** Whether a line of a log says that something failed. */
export function isErrorLine(line: string): boolean {
  return (trouble.test(line) || named.test(line)) && !fine.test(line);
}
