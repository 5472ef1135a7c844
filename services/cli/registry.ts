import { group } from './command-groups.ts';
import type { CliCommand } from './define.ts';

/** Every command, alphabetically. What stands behind one is loaded when it is called: a mere --help loads none. */
export const cliCommands: readonly CliCommand[] = [
  {
    name: 'backup',
    heading: group.service,
    summary: 'write the log and the sealed secrets of a farm into one file, while it runs; keep secret.key apart',
    load: async () => (await import('./commands/backup-command.ts')).backupCommand,
  },
  {
    name: 'completion',
    heading: group.tools,
    summary: 'print the script that makes a shell complete commands, options and names of projects',
    load: async () => (await import('./commands/completion-command.ts')).completionCommand,
  },
  {
    name: 'demo',
    heading: group.tools,
    summary: 'build, test, lint and audit a repository once, in a farm of its own: a sample, a local path or a git URL',
    load: async () => (await import('./commands/demo-command.ts')).demoCommand,
  },
  {
    name: 'digest',
    heading: group.service,
    summary: 'the daily mail',
    load: async () => (await import('./commands/digest-command.ts')).digestCommand,
  },
  {
    name: 'doctor',
    heading: group.tools,
    summary: 'what is installed, how jobs are contained, versions, disk, and how safe the log is',
    load: async () => (await import('./commands/doctor-command.ts')).doctorCommand,
  },
  {
    name: 'draft',
    heading: group.results,
    summary: 'try to mend what a job found: draft a diff, prove it, open a pull request',
    load: async () => (await import('./commands/draft-command.ts')).draftCommand,
  },
  {
    name: 'events',
    heading: group.history,
    summary: 'the history: every event that you may see',
    load: async () => (await import('./commands/events-command.ts')).eventsCommand,
  },
  {
    name: 'explain',
    heading: group.history,
    summary: 'why something is as it is: the chain of events that led to it, and what it led to',
    load: async () => (await import('./commands/explain-command.ts')).explainCommand,
  },
  {
    name: 'findings',
    heading: group.results,
    summary: 'list and show what was found',
    load: async () => (await import('./commands/findings-command.ts')).findingsCommand,
  },
  {
    name: 'help',
    heading: group.tools,
    summary: 'help of a command, or of a topic: exit-codes',
    load: async () => (await import('./commands/help-command.ts')).helpCommand,
  },
  {
    name: 'jobs',
    heading: group.work,
    summary: 'list, show, cancel and rerun jobs',
    load: async () => (await import('./commands/jobs-command.ts')).jobsCommand,
  },
  {
    name: 'log',
    heading: group.work,
    summary: 'the log of a job: whole, its end, the lines that match, or live',
    load: async () => (await import('./commands/log-command.ts')).logCommand,
  },
  {
    name: 'login',
    heading: group.who,
    summary: 'keep a token for a service; it is asked for without echo, or read from a pipe',
    load: async () => (await import('./commands/login-command.ts')).loginCommand,
  },
  {
    name: 'logout',
    heading: group.who,
    summary: 'forget the token of the current profile, or of --profile; an admin ends it with `tokens revoke`',
    load: async () => (await import('./commands/logout-command.ts')).logoutCommand,
  },
  {
    name: 'parse',
    heading: group.tools,
    summary: 'read the log of a tool from standard input and print its findings as JSON; needs no server',
    load: async () => (await import('./commands/parse-command.ts')).parseCommand,
  },
  {
    name: 'patches',
    heading: group.results,
    summary: 'list and show attempts to mend a finding',
    load: async () => (await import('./commands/patches-command.ts')).patchesCommand,
  },
  {
    name: 'projects',
    heading: group.work,
    summary: 'list, show, add, edit and remove projects',
    load: async () => (await import('./commands/projects-command.ts')).projectsCommand,
  },
  {
    name: 'rebuild',
    heading: group.service,
    summary: 'build the read models anew from the log, beside the serving ones',
    load: async () => (await import('./commands/rebuild-command.ts')).rebuildCommand,
  },
  {
    name: 'reparse',
    heading: group.service,
    summary: 'derive findings again from stored logs with the parsers of today, without running a recipe',
    load: async () => (await import('./commands/reparse-command.ts')).reparseCommand,
  },
  {
    name: 'restore',
    heading: group.service,
    summary: 'make a data folder out of a backup; the folder (CRAFTING_DATA_DIR) must be empty',
    load: async () => (await import('./commands/restore-command.ts')).restoreCommand,
  },
  {
    name: 'run',
    heading: group.work,
    summary: 'run recipes of a project; with --local those of the checkout you stand in, without any service',
    load: async () => (await import('./commands/run-command.ts')).runCommand,
  },
  {
    name: 'status',
    heading: group.work,
    summary: 'one live screen: slots, queue, what runs, what was found; q leaves it',
    load: async () => (await import('./commands/status-command.ts')).statusCommand,
  },
  {
    name: 'subscribers',
    heading: group.history,
    summary: 'other services that may take events over NATS (admin)',
    load: async () => (await import('./commands/subscribers-command.ts')).subscribersCommand,
  },
  {
    name: 'suppress',
    heading: group.results,
    summary: 'live with a finding, for a reason',
    load: async () => (await import('./commands/suppress-command.ts')).suppressCommand,
  },
  {
    name: 'tokens',
    heading: group.who,
    summary: 'list, mint and revoke bearers (admin)',
    load: async () => (await import('./commands/tokens-command.ts')).tokensCommand,
  },
  {
    name: 'unsuppress',
    heading: group.results,
    summary: 'take a suppression back',
    load: async () => (await import('./commands/unsuppress-command.ts')).unsuppressCommand,
  },
  {
    name: 'up',
    heading: group.service,
    summary: 'run the service until it is stopped; configured by CRAFTING_* variables, see .env.example',
    load: async () => (await import('./commands/up-command.ts')).upCommand,
  },
];
