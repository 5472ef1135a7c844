/** `yaml-lint` as an identifier: `yamlLint`. */
export const identifier = (name: string) => name.replace(/-([a-z0-9])/g, (_, next: string) => next.toUpperCase());

/**
 * A registry with one more unit: its import and its line in the list that is named, both in alphabetical order. Throws
 * where the registry has it already or has no such list.
 */
export function withUnit(registry: string, { list, unit, from }: { list: string; unit: string; from: string }): string {
  if (new RegExp(`\\b${unit}\\b`).test(registry)) throw new Error(`the registry has ${unit} already`);
  const lines = registry.split('\n');
  const imported = `import { ${unit} } from '${from}';`;
  const imports = lines.findIndex((line) => line.startsWith('import ') && pathOf(line) > from);
  const last = lines.findLastIndex((line) => /^(import |} from )/.test(line));
  lines.splice(imports < 0 ? last + 1 : imports, 0, imported);
  const start = lines.findIndex((line) => line.startsWith(`export const ${list}`));
  if (start < 0) throw new Error(`the registry has no list ${list}`);
  const end = lines.findIndex((line, at) => at > start && /^[\]}]/.test(line));
  const after = lines.findIndex((line, at) => at > start && at < end && nameIn(line) > unit);
  lines.splice(after < 0 ? end : after, 0, `  ${unit},`);
  return lines.join('\n');
}

/**
 * A list with one more line, in alphabetical order of the words that its lines begin with. Throws where it has that word
 * already, or where there is no such list.
 */
export function withLine(text: string, { list, line }: { list: string; line: string }): string {
  const lines = text.split('\n');
  const start = lines.findIndex((one) => one.includes(`const ${list}`));
  const end = lines.findIndex((one, at) => at > start && /^[\]}]/.test(one));
  if (start < 0 || end < 0) throw new Error(`there is no list ${list}`);
  const own = wordIn(line);
  const after = lines.findIndex((one, at) => at > start && at < end && wordIn(one) >= own);
  if (after >= 0 && wordIn(lines[after] ?? '') === own) throw new Error(`${list} has ${own} already`);
  lines.splice(after < 0 ? end : after, 0, line);
  return lines.join('\n');
}

const pathOf = (line: string) => /'([^']+)'/.exec(line)?.[1] ?? '';
const nameIn = (line: string) => /^ {2}(\w+),$/.exec(line)?.[1] ?? '';
const wordIn = (line: string) => /^ {2}'?([\w-]+)'?[:,]/.exec(line)?.[1] ?? '';
