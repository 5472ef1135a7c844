import { restore } from '../../../services/cli/offline/restore.ts';

/** Restores as the command does, in a process that can be killed. */
const [file = '', key = ''] = process.argv.slice(2);
await restore(process.env, { file, key }, () => {});
