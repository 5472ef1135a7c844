import { AppError } from '../../floor/app-error.ts';

/** An opaque cursor around the key of the last row of a page. */
export function cursorOf(key: string | number | readonly [string | number, number]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** The key in a cursor that holds a number; `start` without a cursor. */
export function numberIn(cursor: string | undefined, start: number): number {
  const key = keyIn(cursor, start);
  if (typeof key !== 'number' || !Number.isSafeInteger(key)) throw notOurs();
  return key;
}

/** The key in a cursor that holds text. */
export function textIn(cursor: string | undefined, start: string): string {
  const key = keyIn(cursor, start);
  if (typeof key !== 'string') throw notOurs();
  return key;
}

/** A cursor around the place of a row; one number where its key is its id. */
export function cursorAt({ key, id }: { key: string | number; id: number }): string {
  return cursorOf(key === id ? id : [key, id]);
}

/** The place in a cursor that holds the key of a row and its id, or one number that is both; null without a cursor. */
export function placeIn(cursor: string | undefined): { key: string | number; id: number } | null {
  const place = keyIn(cursor, null);
  if (place === null) return null;
  const [key, id] = Array.isArray(place) ? place : [place, place];
  if (!(typeof key === 'string' || typeof key === 'number') || !Number.isSafeInteger(id)) throw notOurs();
  return { key, id };
}

function keyIn(cursor: string | undefined, start: unknown): unknown {
  if (cursor === undefined || cursor === '') return start;
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw notOurs();
  }
}

function notOurs(): AppError {
  return new AppError(
    'invalid',
    'The cursor is not one that a list answered; leave it out to start at the beginning.',
    {
      faults: [{ path: '/querystring/cursor', message: 'is not a cursor of this list' }],
    },
  );
}
