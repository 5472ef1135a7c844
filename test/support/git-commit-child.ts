import { openWorkspaces } from '../../services/io/git/trees/workspaces.ts';

// Commits what it is told, over and over, until it is killed. Prints the id each time.
const { dir, draft } = JSON.parse(process.argv[2] ?? '');
const workspaces = openWorkspaces({ dir, allowLocal: true });
for (;;) process.stdout.write(`${await workspaces.commitPatch(draft)}\n`);
