import { posix } from 'node:path';
import type { Facts, Named } from './world.ts';
import { folderOf } from './world.ts';

const mostFiles = 64;
const include = /^(?:-r|-c|-b|--requirements?|--constraints?|--build-constraints?|--overrides?|--excludes?)$/;
const shortInclude = /^-[rc]./;
const source = /^(?:-i|-f|--index|--index-url|--default-index|--extra-index-url|--find-links)$/;
/** Flags whose value names nothing that decides what is installed. */
const place = /^(?:-t|-p|--target|--cache-dir|--python|--prefix|--root|--log|--cert|--client-cert|--trusted-host)$/;
/** No abbreviation of another: pip takes `--req` for `--requirement`. */
const plainFlag =
  /^(?:-[qvUI]+|--(?:quiet|verbose|upgrade|no-cache(?:-dir)?|no-deps|no-input|disable-pip-version-check|no-build-isolation|user|pre|require-hashes|no-warn-script-location|break-system-packages|system|prefer-binary|force-reinstall|reinstall|no-compile|compile(?:-bytecode)?|only-binary|no-binary|progress-bar|no-progress|retries|timeout|upgrade-strategy|extra|all-extras|group|no-index|root-user-action|isolated|ignore-installed|strict|exact|resolution|prerelease|index-strategy|link-mode|use-pep517|no-color|exists-action))$/;
const versions = String.raw`\s*(?:\(?\s*(?:[<>=!~]=?=?\s*[\w.*+-]+\s*,?\s*)+\)?)?`;
const extras = String.raw`(?:\s*\[[\w\s,.-]*\])?`;
const hashes = String.raw`(?:\s+--hash[= ]\w+:[0-9a-fA-F]+)*`;
const marker = String.raw`(?:\s*;[\w\s.'"<>=!~(),+*-]+?)?`;
const requirement = new RegExp(
  String.raw`^(?!.*\.(?:whl|zip|tar\.\w+|tgz)$)[A-Za-z0-9][\w.-]*${extras}${versions}${marker}${hashes}$`,
);
const remote = new RegExp(
  String.raw`^(?:[A-Za-z0-9][\w.-]*${extras}\s*@\s*)?(?:(?:git|hg)\+)?https?://\S+${marker}${hashes}$`,
);
const harmless =
  /^(?:--no-index|--pre|--prefer-binary|--require-hashes|(?:--no-binary|--only-binary|--trusted-host|--use-feature)[= ]\s*[\w.:,-]+)$/;

type Looked = { readonly starts: readonly string[]; readonly editable: boolean } | { readonly why: string };

/** What the words of a `pip install` name: files to be read, and whether the project itself is built. */
export function pipWords(part: string, folder: string): Looked {
  const words = (part.match(/(?:"[^"]*"|'[^']*'|[^\s'"])+/g) ?? []).map((one) => one.replaceAll(/['"]/g, ''));
  const starts: string[] = [];
  let editable = false;
  const rest = words.slice(words.indexOf('install') + 1);
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at] ?? '';
    const isShort = shortInclude.test(word) && !word.startsWith('--');
    const [flag = '', given] = isShort ? [word.slice(0, 2), word.slice(2)] : split(word);
    const takes = include.test(flag) || source.test(flag) || place.test(flag) || /^(?:-e|--editable)$/.test(flag);
    const value = takes && given === undefined ? (rest[++at] ?? '') : (given ?? '');
    if (include.test(flag)) starts.push(posix.normalize(posix.join(folder, value)));
    else if (/^(?:-e|--editable)$/.test(flag)) {
      if (!/^\.\/?(?:\[[\w,.-]*\])?$/.test(value)) return { why: `it installs "${value.slice(0, 60)}" from a folder` };
      editable = true;
    } else if (source.test(flag)) {
      if (!/^https?:\/\//.test(value)) return { why: 'it finds packages in a folder' };
    } else if (place.test(flag)) continue;
    else if (word.startsWith('-')) {
      if (!plainFlag.test(flag) || /[./\\$]/.test(value))
        return { why: `what "${word.slice(0, 60)}" reads is not known` };
    } else if (/^[.~/]|\/|\.(?:whl|zip|tar\.\w+|tgz)$/.test(word)) return { why: 'it installs a copy of the sources' };
    else if (!requirement.test(word)) return { why: `what "${word.slice(0, 60)}" names is not known` };
  }
  return { starts, editable };
}

function split(word: string): [string, string | undefined] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

/** These requirements files and all that they include; why not, where any names more than packages of an index. */
export function pipFiles(starts: readonly string[], { all, text }: Pick<Facts, 'all' | 'text'>): Named {
  const seen = new Set<string>();
  const open = [...starts];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue;
    if (!all.has(path)) return { why: `"${path.slice(0, 60)}", which pip reads, is not in the commit` };
    if (seen.size >= mostFiles) return { why: `its requirements stand in more than ${mostFiles} files` };
    seen.add(path);
    if (isEncoded(text(path))) return { why: `${path.slice(0, 60)} is not plain text` };
    for (const line of linesOf(text(path))) {
      const included = /^(-[rc]|--requirement|--constraint)(?:\s*=\s*|\s*)(\S+)$/.exec(line)?.[2];
      if (included !== undefined && !/^[a-z+]+:/i.test(included))
        open.push(posix.normalize(posix.join(folderOf(path), included)));
      else if (!isPlain(line)) return { why: `a line of ${path.slice(0, 60)} names more than a package of an index` };
    }
  }
  return { paths: [...seen] };
}

function isPlain(line: string): boolean {
  if (harmless.test(line) || remote.test(line)) return true;
  if (/^(?:-i|-f|--index-url|--extra-index-url|--find-links)[= ]\s*https?:\/\/\S+$/.test(line)) return true;
  return line.length < 20_000 && requirement.test(line);
}

/** Lines as pip splits them; what it would take for a comment's next line counts, too. */
function linesOf(text: string): string[] {
  // Python ends lines at more than line feeds.
  const raw = text.replace(/^\uFEFF/, '').split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
  const bare = raw.map((line) => line.replace(/(?:^|\s)#.*$/, ''));
  const lines = bare.join('\n').replaceAll('\\\n', ' ').split('\n');
  return lines.map((line) => line.replaceAll(/\s+/g, ' ').trim()).filter((line) => line !== '');
}

/** Whether pip may read other text than stands there. */
function isEncoded(text: string): boolean {
  return /^#.*coding[:=](?!\s*utf-?8)/m.test(text) || /[\0\uFFFD]/.test(text);
}
