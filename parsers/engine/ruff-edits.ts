import type { Edit } from '../../events/finding.ts';
import { type Fields, fields, list, numberOf, wordOf } from './json-value.ts';

/** The `fix` of ruff's JSON: columns count characters from 1; `display` fixes are for reading only. */
export function ruffEdits(fix: Fields, file: string): Edit[] {
  if (fix.applicability !== 'safe' && fix.applicability !== 'unsafe') return [];
  return list(fix.edits).map((item) => {
    const { content, location, end_location: end } = fields(item);
    return {
      file,
      start: position(location),
      end: position(end),
      text: wordOf(content),
      safe: fix.applicability === 'safe',
    };
  });
}

function position(value: unknown): { line: number; column: number } {
  const { row, column } = fields(value);
  return { line: numberOf(row) ?? 0, column: numberOf(column) ?? 0 };
}
