import type { Tool as ListedTool } from '@modelcontextprotocol/server';
import { AppError } from '../floor/app-error.ts';
import { nearest } from '../floor/text/schema-words.ts';
import { type Tool, type Toolset, toolsets, usualToolsets } from './define.ts';
import { compactInput, compactOutput } from './listed-schema.ts';
import { tools } from './registry.ts';

/** What a client is offered. */
export type Offer = { readonly toolsets: readonly Toolset[]; readonly readOnly: boolean };

export const usualOffer: Offer = { toolsets: usualToolsets, readOnly: false };
const names = Object.keys(toolsets) as Toolset[];

/** Reads `findings,patches`, `default` and `all`; nothing is what is usual. Throws AppError('invalid') that names what there is. */
export function toolsetsIn(text: string | undefined): readonly Toolset[] {
  const asked = (text ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
  if (asked.length === 0) return usualToolsets;
  return [...new Set(asked.flatMap(toolsetsOf))];
}

function toolsetsOf(word: string): readonly Toolset[] {
  if (word === 'all') return names;
  if (word === 'default') return usualToolsets;
  const found = names.find((one) => one === word);
  if (found) return [found];
  const known = ['all', 'default', ...names];
  const meant = nearest(word, known);
  const shown = /^[\w-]{1,32}$/.test(word) ? `; found ${word}` : '';
  throw new AppError(
    'invalid',
    `Toolsets: expected some of ${known.join(', ')}, with commas between them${shown}${meant ? ` (did you mean ${meant}?)` : ''}.`,
  );
}

/** Reads a switch. Throws AppError('invalid'). */
export function switchIn(name: string, text: string | undefined): boolean {
  const word = (text ?? '').trim().toLowerCase();
  if (['', '0', 'false', 'off'].includes(word)) return false;
  if (['1', 'true', 'on'].includes(word)) return true;
  throw new AppError('invalid', `${name}: expected true or false; found something else.`);
}

/** The tools of an offer, alphabetically. */
export function offered({ toolsets: wanted, readOnly }: Offer): readonly Tool[] {
  return tools.filter(
    ({ toolset, annotations }) => wanted.includes(toolset) && (!readOnly || annotations.readOnlyHint),
  );
}

/** The tools as clients are told of them: plain JSON, without what TypeBox keeps in symbols. */
export function listedTools(offer: Offer = usualOffer): readonly ListedTool[] {
  return JSON.parse(
    JSON.stringify(
      offered(offer).map(({ name, title, description, input, output, annotations }) => ({
        ...{ name, title, description, annotations },
        inputSchema: compactInput(input),
        outputSchema: compactOutput(output),
      })),
    ),
  );
}
