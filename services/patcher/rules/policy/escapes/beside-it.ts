import { nodesOf, type SyntaxNode } from '../../../../floor/text/syntax-tree.ts';
import { argumentsOf, calleeOf, isCall, textOf } from '../reading/canonical-text.ts';
import { identifiersIn } from '../reading/statements-of.ts';
import { type See, see } from './sighting.ts';

const why = 'a source looks at what lies beside it: it must do the same whether it is tested or not';
/** What lists a folder. */
const lists =
  /(?:^|\.)(?:listdir|scandir|iterdir|glob|iglob|rglob|readdir(?:Sync)?|opendir(?:Sync)?|os\.walk|filepath\.(?:Glob|Walk|WalkDir)|os\.ReadDir|Files\.(?:walk|list|find|newDirectoryStream)|listFiles|list_files|read_dir|Directory\.\w+|Dir\.\w+|contentsOfDirectory|FileList\.new)$/;
/** What reads a file, or asks whether it is there. */
const reads =
  /(?:^|\.)(?:open|read_text|read_bytes|readFile(?:Sync)?|exists(?:Sync)?|is_file|is_dir|isdir|isfile|stat(?:Sync)?|access(?:Sync)?|File\.\w+\??|file_get_contents|file_exists|file|fopen|Files\.\w+|os\.(?:ReadFile|Open|Stat)|ReadFile|fs\.(?:read_to_string|metadata)|read_to_string|ReadAllText|ifstream|readText|fileExists)$/;
const place =
  /\b(?:__file__|__dirname|__filename|__DIR__|__FILE__|__dir__|import\.meta|getcwd|cwd|pwd|getResource\w*)\b/;
const isTestPath = /(?:^|\/)(?:tests?|specs?|__tests__|t)(?:\/|$)|(?:_test|_spec|\.test|\.spec|\.bats|\.t)(?:\.\w+)?$/;

/** Of a patch for a failing test: where no name says which file, it is one that the source knows of. */
export const besideIt: See = (node, grammar) => {
  const found = (key: string) => see('asks_about_tests', key, why);
  if (grammar === 'bash') {
    // It would be there the next time.
    if (node.type === 'file_redirect' && /^\d?>>\s*[\w/.'"-]+$/.test(node.text)) return found('>>');
    const isWord =
      /^(?:word|raw_string|string_content|string)$/.test(node.type) && node.parent?.type !== 'command_name';
    return isWord && isTestPath.test(node.text.replace(/^['"]|['"]$/g, '')) ? found(node.text.slice(0, 80)) : null;
  }
  if (grammar === 'ruby' && node.type === 'element_reference' && /^Dir\s*\[/.test(node.text)) return found('Dir[]');
  if (!isCall(node)) return null;
  const callee = calleeOf(node);
  if (callee.length > 200) return null;
  if (lists.test(callee)) return found(callee);
  return reads.test(callee) && isOwnPlace(node, callee) ? found(callee) : null;
};

function isOwnPlace(node: SyntaxNode, callee: string): boolean {
  const given = argumentsOf(node);
  if (place.test(node.text)) return true;
  const [path] = given;
  if (path === undefined)
    return /Path\(/.test(node.text) && textOf(path ?? node) === null && identifiersIn(node).length <= 2;
  if (/\.(?:get|post|request)$/.test(callee)) return false;
  const isSaid = [...nodesOf(path)].some((one) => textOf(one) !== null);
  const known = /^(?:java|nio|file|Path|of|Paths|File|URL|path|join|resolve|get)$/;
  return isSaid && (textOf(path) !== null || identifiersIn(path).every((word) => known.test(word)));
}
