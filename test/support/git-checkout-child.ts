import { openWorkspaces } from '../../services/io/git/trees/workspaces.ts';

/** Checks out `main` of a repository, says where, and holds the tree until it is killed. */
const [dir, url] = process.argv.slice(2);
if (dir === undefined || url === undefined) throw new Error('usage: git-checkout-child <folder> <repository>');
const workspaces = openWorkspaces({ dir, allowLocal: true });
const job = await workspaces.checkout({ remote: { url }, branch: 'main' });
process.stdout.write(`${job.dir}\n`);
setInterval(() => {}, 60_000);
