import { stripTypeScriptTypes } from 'node:module';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { readWebSources, type WebSources } from './web-sources.ts';

const encoders = {
  br: promisify((text: Buffer, done: (error: Error | null, packed: Buffer) => void) =>
    brotliCompress(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }, done),
  ),
  gzip: promisify((text: Buffer, done: (error: Error | null, packed: Buffer) => void) =>
    gzip(text, { level: 9 }, done),
  ),
} as const;

export type Encoding = keyof typeof encoders | 'identity';

export type Asset = { readonly type: string; readonly encoding: Encoding; readonly bytes: Buffer };

export type WebAssets = {
  readonly sources: () => WebSources;
  /** A file as a browser reads it; null where there is none. */
  readonly file: (path: string, encoding: Encoding) => Promise<Asset | null>;
};

/** Reads, strips and compresses what is asked for when it is first asked for, and keeps that. */
export function openWebAssets(): WebAssets {
  let read: WebSources | undefined;
  const sources = () => {
    read ??= readWebSources();
    return read;
  };
  const made = new Map<string, Promise<Asset>>();
  const file = async (path: string, encoding: Encoding): Promise<Asset | null> => {
    const text = sources().texts.get(path);
    if (text === undefined) return null;
    const key = `${encoding} ${path}`;
    const asset = made.get(key) ?? makeAsset(path, text, encoding);
    made.set(key, asset);
    return asset;
  };
  return { sources, file };
}

async function makeAsset(path: string, text: string, encoding: Encoding): Promise<Asset> {
  const bytes = Buffer.from(path.endsWith('.ts') ? stripped(text) : text);
  const type = path.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8';
  return { type, encoding, bytes: encoding === 'identity' ? bytes : await encoders[encoding](bytes) };
}

/** Types become blanks, so that lines stay where they are; blanks at their ends are sent to nobody. */
function stripped(text: string): string {
  return stripTypeScriptTypes(text).replace(/[ \t]+$/gm, '');
}

/** What a browser takes; over plain HTTP it does not offer brotli. */
export function encodingOf(accepted: string): Encoding {
  if (/\bbr\b/.test(accepted)) return 'br';
  return /\bgzip\b/.test(accepted) ? 'gzip' : 'identity';
}
