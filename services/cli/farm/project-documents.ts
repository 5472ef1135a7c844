import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { AppError, messageOf } from '../../floor/app-error.ts';
import { useSchemaWords } from '../../floor/text/schema-words.ts';
import { ProjectInput, projectDocument } from '../../projects/rules/project-document.ts';

/** What is to be registered, and the names of those that say `"enabled": false`. */
export type Documents = { readonly wanted: readonly ProjectInput[]; readonly skipped: string[] };

/** Stands in a git_url where the token belongs, so that no file holds one. */
const tokenPlace = 'REPLACE_WITH_GITEA_TOKEN';
/** Stands in notify.email where the addresses belong: whoever registers the set says who is told. */
const emailPlace = 'REPLACE_WITH_NOTIFY_EMAIL';

/** What stands in for the places: `email` holds addresses with commas between them, none where nobody is to be told. */
type Given = { readonly token: string; readonly email: string };

const largest = 1024 * 1024;

/** Reads every `*.json` of a folder, by name. Throws AppError('invalid') with the file and the field that is wrong. */
export function readProjectDocuments(dir: string, given: Given): Documents {
  const files = filesOf(dir);
  if (files.length === 0) throw new AppError('invalid', `There is no project document (*.json) in ${dir}.`);
  const all = files.map((file) => readDocument(join(dir, file), given));
  const twice = all.find(({ name }, at) => all.findIndex((other) => other.name === name) !== at);
  if (twice) throw new AppError('invalid', `Two documents in ${dir} are named ${twice.name}.`);
  return {
    wanted: all.filter(({ enabled }) => enabled !== false),
    skipped: all.filter(({ enabled }) => enabled === false).map(({ name }) => name),
  };
}

function filesOf(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch (error) {
    throw new AppError('invalid', `The folder ${dir} cannot be read: ${messageOf(error)}.`);
  }
}

function readDocument(file: string, { token, email }: Given): ProjectInput {
  if (statSync(file).size > largest) throw new AppError('invalid', `${file} is larger than 1 MiB.`);
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new AppError('invalid', `${file} is not JSON: ${messageOf(error)}`);
  }
  fillEmail(document, email);
  if (!Value.Check(ProjectInput, document)) {
    useSchemaWords();
    const [fault] = [...Value.Errors(ProjectInput, document)];
    throw new AppError('invalid', `${file}: ${fault?.path || 'the document'}: ${fault?.message ?? 'is no project'}.`);
  }
  try {
    projectDocument(document, {
      owner: 'nobody',
      gitUrl: '',
      refs: { credential_ref: null, email_ref: null, assignees_ref: null },
    });
  } catch (error) {
    throw new AppError('invalid', `${file}: ${messageOf(error)}`);
  }
  const { git_url } = document;
  if (!git_url.includes(tokenPlace) || document.enabled === false) return document;
  if (token === '') throw new AppError('invalid', `GITEA_TOKEN is not set: ${file} needs it in its git_url.`);
  return { ...document, git_url: git_url.replaceAll(tokenPlace, encodeURIComponent(token)) };
}

function fillEmail(document: unknown, given: string): void {
  const { notify } = (document ?? {}) as { notify?: { email?: unknown } };
  if (!Array.isArray(notify?.email)) return;
  const addresses = given.split(',').flatMap((one) => one.trim() || []);
  const filled = notify.email.flatMap((one) => (one === emailPlace ? addresses : one));
  // What a merge finds there stays where nobody is named.
  if (filled.length > 0) notify.email = filled;
  else delete notify.email;
}
