import { stripTypeScriptTypes } from 'node:module';
import { type Node, parse } from 'acorn';

/** One small change of a source: the text from `start` to `end` becomes `to`. */
export type Mutant = {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly from: string;
  readonly to: string;
};

type Tree = Node & Readonly<Record<string, unknown>>;

const otherOperators: Readonly<Record<string, string>> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  '&&': '||',
  '||': '&&',
  '??': '&&',
  '+=': '-=',
  '-=': '+=',
};

/**
 * All mutants of a source, in the order of their places: another operator, a condition that always or never holds, a call
 * that is left out, a promise that nobody waits for, the other boolean. Types are blanked out, so places stay as they are.
 */
export function findMutants(source: string): Mutant[] {
  const code = stripTypeScriptTypes(source);
  const found: Mutant[] = [];
  const add = (start: number, end: number, to: string) => {
    const line = source.slice(0, start).split('\n').length;
    found.push({ start, end, line, from: source.slice(start, end), to });
  };
  visit(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }) as unknown as Tree, (node) => {
    if (/^(Binary|Logical|Assignment)Expression$/.test(node.type)) {
      const operator = String(node.operator);
      const [left, right] = [node.left as Tree, node.right as Tree];
      const other = otherOperators[operator];
      const at = code.indexOf(operator, left.end);
      if (other !== undefined && at < right.start) add(at, at + operator.length, other);
    }
    if (/^(If|While|DoWhile)Statement$|^ConditionalExpression$/.test(node.type)) {
      const { start, end } = node.test as Tree;
      for (const to of node.type === 'WhileStatement' ? ['false'] : ['true', 'false']) add(start, end, to);
    }
    if (node.type === 'UnaryExpression' && node.operator === '!') add(node.start, node.start + 1, '');
    if (node.type === 'Literal' && typeof node.value === 'boolean') add(node.start, node.end, String(!node.value));
    if (node.type === 'ExpressionStatement') {
      const { type, start, end, argument } = node.expression as Tree;
      if (type === 'AwaitExpression') {
        add(start, start + 'await'.length, 'void');
        if ((argument as Tree).type === 'CallExpression') add(start, end, 'undefined');
      }
      if (type === 'CallExpression') add(start, end, 'undefined');
    }
  });
  return found.sort((one, other) => one.start - other.start);
}

function visit(node: Tree, see: (node: Tree) => void): void {
  see(node);
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value])
      if (typeof child === 'object' && child !== null && typeof child.type === 'string') visit(child as Tree, see);
}
