import { nodesOf } from '../../../../floor/text/syntax-tree.ts';
import { textOf } from './canonical-text.ts';
import type { Change, Statement } from './statements-of.ts';

/** Where a name comes from; a module that is loaded for what it does alone has no name. */
type Bound = { readonly name: string; readonly module: string; readonly own: boolean; readonly from: Statement };

/** Imports by which a name would come from elsewhere, or a module of the repository is loaded that was not. */
export function importsIn(old: readonly Statement[], now: readonly Statement[]): Change[] {
  const before = boundBy(old);
  const modules = new Set(before.map(({ module }) => module));
  return boundBy(now).flatMap(({ name, module, own, from }) => {
    const home = before.find((one) => one.name === name && name !== '');
    const elsewhere =
      home !== undefined && home.module !== module && !before.some((one) => one.name === name && one.module === module);
    const fresh = own && !modules.has(module);
    if (!elsewhere && !fresh) return [];
    return [
      { line: from.line, side: 'after' as const, node: from.node.type, text: `${name || module} comes from ${module}` },
    ];
  });
}

export function boundBy(all: readonly Statement[]): Bound[] {
  return all
    .filter(({ kind }) => kind === 'import')
    .flatMap((from): Bound[] => {
      const strings = [...nodesOf(from.node)].flatMap(
        (node) => textOf(node) ?? (node.type === 'system_lib_string' ? node.text : []),
      );
      const words = from.tokens.filter((word) => /^[\w$]+$/.test(word));
      if (strings.length > 0) {
        const names = words.filter(
          (word) =>
            !/^(?:import|from|as|type|require|const|let|var|include|require_relative|load|require_once|default|export|source)$/.test(
              word,
            ),
        );
        return strings.flatMap((one) => {
          const module = one.replace(/^node:/, '').replace(/\.(?:[cm]?[jt]sx?|rb|php)$/, '');
          const own =
            /^\.|^\/|^https?:/.test(module) || (from.node.type === 'preproc_include' && !module.startsWith('<'));
          return names.length === 0
            ? [{ name: module, module, own, from }]
            : names.map((name) => ({ name, module, own, from }));
        });
      }
      const text = from.tokens.join(' ').replaceAll(' . ', '.').replaceAll(' :: ', '::').replaceAll(' \\ ', '\\');
      const python = /^from (\S+) import (.+)$/.exec(text);
      if (python !== null) {
        const names = (python[2] ?? '')
          .replace(/[()]/g, ' ')
          .replace(/\b\w+ as (\w+)/g, '$1')
          .trim()
          .split(/\s+/);
        return names.map((name) => ({ name, module: python[1] ?? '', own: (python[1] ?? '').startsWith('.'), from }));
      }
      const path = text.replace(/^(?:import|using|use|static|package|pub)\s+/g, '').replace(/^static /, '');
      const module = path.replace(/ as \w+$/, '');
      const name = / as (\w+)$/.exec(path)?.[1] ?? /([\w*]+)\s*\}?$/.exec(module)?.[1] ?? module;
      return [{ name, module, own: /^(?:\.|crate::|super::|self::)/.test(module), from }];
    });
}
