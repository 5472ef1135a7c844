import type { SettingsPath } from './define.ts';

/** Paths of one kind; the globs are those of the settings file, relative to its folder. */
export const pathsOf = (role: SettingsPath['role'], globs: readonly string[]): SettingsPath[] =>
  globs.map((glob) => ({ role, glob }));

/** Texts between quotes. */
export const quoted = (text: string): string[] =>
  [...text.matchAll(/["'`]([^"'`\n]{1,300})["'`]/g)].map(([, one = '']) => one);

const words = (text: string) =>
  text.includes('"') || text.includes("'") ? quoted(text) : text.split(/[\s,]+/).filter((one) => /^[\w./*]/.test(one));

/** The values of settings in JavaScript, JSON or YAML: a text, or a list of them. */
function valuesOf(text: string, keys: string): string[] {
  const pattern = new RegExp(
    `\\b(?:${keys})["']?\\s{0,9}:[ \\t]{0,9}(\\[[^\\]]{0,4000}\\]|["'\`][^"'\`\\n]{1,300}["'\`]|(?:\\n[ \\t]{0,20}-[^\\n]{1,300})+|[\\w./*-]{1,300})`,
    'g',
  );
  return [...text.matchAll(pattern)].flatMap(([, value = '']) =>
    quoted(value).length > 0 ? quoted(value) : value.split(/[\s,-]*\n\s*-\s*|\s+/),
  );
}

/** A value of an INI or TOML file, further lines included. */
export function tomlValues(text: string, key: string): string[] {
  const pattern = new RegExp(
    `^\\s{0,20}${key}\\s{0,9}=\\s{0,9}(\\[[^\\]]{0,4000}\\]|[^\\n]{0,1000}(?:\\n[ \\t]+[^\\n]{1,300})*)`,
    'gm',
  );
  return [...text.matchAll(pattern)].flatMap(([, value = '']) => words(value));
}

/** What runners of JavaScript say, by keys that they share. */
export const runnerPaths = (text: string): SettingsPath[] => [
  ...pathsOf(
    'hook',
    valuesOf(
      text,
      'setupFiles|setupFilesAfterEnv|setupFile|globalSetup|globalTeardown|testEnvironment|testRunner|runner|reporters?|testResultsProcessor|snapshotResolver|snapshotSerializers|resolver|transform|require|import|file|supportFile|plugins',
    ),
  ),
  ...pathsOf(
    'test',
    valuesOf(text, 'testMatch|spec|specPattern|include|testDir|files').filter((one) => /test|spec|e2e|cy\b/i.test(one)),
  ),
];
