import { AppError } from '../../floor/app-error.ts';
import type { Cli } from '../define.ts';

/** Asks before something that cannot be taken back. Throws AppError('invalid') where nobody can be asked. */
export async function confirmed(cli: Cli, question: string, { yes }: { yes?: boolean | undefined }): Promise<boolean> {
  if (yes) return true;
  if (!cli.input.isTTY) throw new AppError('invalid', `Nobody is there to be asked "${question}": say --yes.`);
  const answer = await cli.input.ask(`${question} [y/N] `);
  return /^y(es)?$/i.test(answer?.trim() ?? '');
}
