import { type ErrorCode, errorCodes } from '../../floor/app-error.ts';

/** What a stable word of a problem means, and what its reader can do. */
type ProblemCode = { readonly code: ErrorCode; readonly says: string; readonly next: string };

const of = (code: ErrorCode, says: string, next: string): ProblemCode => ({ code, says, next });
const again = 'Send it again after Retry-After.';
const look = 'Look at it again, then decide.';
const remote = 'Check the address and the credential of the repository.';

/** Every word that a problem may have as its `code`, each with a page at `/problems/{code}`. */
export const problemCodes: Readonly<Record<string, ProblemCode>> = {
  invalid: of('invalid', 'The request is not as its schema says.', '`errors` names each place and what was expected.'),
  unauthorized: of(
    'unauthorized',
    'The bearer is missing, unknown, ended, or not for this address.',
    'Send Authorization: Bearer with a token of this farm.',
  ),
  forbidden: of('forbidden', 'The bearer may not do this.', 'Ask an owner of the team or an admin.'),
  not_found: of('not_found', 'It is not there, or it is not yours.', 'Lists name what is there.'),
  conflict: of('conflict', 'It is not possible in the present state.', look),
  too_large: of('too_large', 'What was sent is too large.', 'Send less at once.'),
  rate_limited: of('rate_limited', 'There were too many requests in a minute.', again),
  internal: of(
    'internal',
    'The farm failed in a way that nobody foresaw.',
    'Tell an admin the request_id: the log of the farm says why.',
  ),
  unavailable: of('unavailable', 'It cannot be done at the moment.', again),
  timeout: of('timeout', 'It took too long.', 'Try again.'),
  active: of('conflict', 'There is an open attempt at this finding already.', 'Follow that one, or stop it.'),
  admin_only: of('forbidden', 'Only an admin may do this.', 'Ask an admin.'),
  agent_aborted: of('unavailable', 'The question to the agent was given up.', 'Ask for another attempt.'),
  agent_timeout: of('timeout', 'The agent did not answer in time.', 'Raise CRAFTING_AGENT_TIMEOUT_SECS, or try again.'),
  agent_unavailable: of(
    'unavailable',
    'The gateway of the agent does not answer as it should.',
    'Look at the gateway.',
  ),
  another_diff: of('conflict', 'Another diff waits for an approval by now.', 'Look at that one, and send its digest.'),
  approval_expired: of('conflict', 'The time to answer has ended.', 'Ask for another attempt.'),
  approval_is_owners: of(
    'forbidden',
    'Only an owner or an admin loosens the approval of patches.',
    'Ask an owner of the team.',
  ),
  attempts_exhausted: of(
    'conflict',
    'The finding was tried as often as it may be.',
    'Mend it by hand, or lift that by reconsidering an attempt.',
  ),
  bottle_ended: of('conflict', 'The bottle has ended.', look),
  budget_set: of('conflict', 'There is such a budget already.', 'Change it: PUT /budgets.'),
  changed_meanwhile: of('conflict', 'Somebody else changed it at the same moment.', look),
  code_spent: of(
    'unauthorized',
    'The link was used already, or has expired.',
    'crafting-table open prints another one.',
  ),
  cross_site: of(
    'forbidden',
    'A session changes something only from the pages of the farm.',
    'Use a bearer from elsewhere.',
  ),
  digest_already_sent: of(
    'conflict',
    'The digest of that day was sent already, or is being sent.',
    'Look at it in the list of digests.',
  ),
  digest_disabled: of('conflict', 'No mail server is set up.', 'Set CRAFTING_SMTP_HOST, or ask with dry_run.'),
  disk_full: of(
    'unavailable',
    'The disk has too little room for new work.',
    'Free some room; the farm goes on by itself.',
  ),
  end_too_late: of('forbidden', 'A bearer makes none that ends later than itself.', 'Ask for an earlier end.'),
  event_sound: of('conflict', 'The message can be opened: there is nothing to pass over.', 'Check the sequence.'),
  expired: of('conflict', 'The time to do it has ended.', 'Begin anew.'),
  forge_credential: of('unavailable', 'The forge does not take the credential.', 'Renew the token of the forge.'),
  git_branch: of('not_found', 'The repository has no such branch.', 'Check the name of the branch.'),
  git_closing: of('unavailable', 'The farm is shutting down.', again),
  git_commit: of('invalid', 'No commit could be made of the change.', 'Look at the detail.'),
  git_failed: of('unavailable', 'git failed against the repository.', remote),
  git_lfs: of('invalid', 'Large files are brought by http(s) alone.', 'Register the repository with such an address.'),
  git_local: of('internal', 'git failed on the machine of the farm.', 'The log of the farm says why.'),
  git_mirror: of('internal', "The farm's copy of the repository is damaged.", 'It is made anew; try again.'),
  git_missing: of('unavailable', 'git could not be started.', 'Install git where the farm runs.'),
  git_push_refused: of('forbidden', 'The remote refuses the push.', 'Give the credential the right to push branches.'),
  git_redirect: of(
    'unavailable',
    'The address leads to another place, where the credential is not sent.',
    'Register that address.',
  ),
  git_repository: of('not_found', 'There is no repository at the address.', remote),
  git_sha: of('not_found', 'The repository has no such commit.', 'Check the commit.'),
  git_submodule: of('invalid', 'A submodule cannot be brought.', 'Look at the detail.'),
  git_timeout: of('timeout', 'The repository did not answer in time.', 'Try again.'),
  git_unauthorized: of('unavailable', 'The repository wants a credential, or another one.', remote),
  git_unreachable: of('unavailable', 'The repository cannot be reached.', remote),
  git_url: of('invalid', 'The address of the repository cannot be taken.', 'Look at the detail.'),
  header_too_large: of('too_large', 'The header of the request is larger than 16 KiB.', 'Send less in the header.'),
  history_building: of('unavailable', 'The state of that moment is being built.', again),
  idempotency_key_in_use: of('conflict', 'The first request with this key is still at work.', again),
  idempotency_key_reused: of('conflict', 'The key was used with another body.', 'Use a new key for a new request.'),
  issue_closed: of('conflict', 'The issue is closed.', 'Open it again on the forge.'),
  job_gone: of('conflict', 'The run that saw the finding is not known any more.', 'Run the recipe again.'),
  job_over: of('conflict', 'The job is over.', 'Run it again where that is wanted.'),
  kept_in_file: of(
    'conflict',
    'The first bearer is kept in the data folder.',
    'Remove admin-bearer.txt and start the farm again.',
  ),
  key_taken: of('conflict', 'Another one has this public key.', 'Make a key of its own.'),
  lan_only: of('forbidden', 'The address is none of the networks that may ask.', 'See CRAFTING_LAN_CIDRS.'),
  log_expired: of('not_found', 'The log of the job is no longer kept.', 'Run the job again.'),
  log_stuck: of('conflict', 'A message of the log cannot be opened.', 'Upgrade, or an admin passes it over.'),
  merged: of('conflict', 'A pull request for it was merged.', 'Wait for the next run.'),
  method_not_allowed: of('not_found', 'The address has other methods.', 'Allow names them.'),
  name_taken: of('conflict', 'The name is taken.', 'Choose another one.'),
  no_agent: of(
    'conflict',
    'The project names no such agent for its issues.',
    'Name it in orchestrate.agents of the project.',
  ),
  no_change: of('conflict', 'Nothing was changed.', look),
  no_coverage: of(
    'not_found',
    'The job left no coverage report that could be read.',
    'See `reports` and `coverage` of the subproject.',
  ),
  no_earlier_version: of('conflict', 'There is no earlier version to go back to.', 'Name one that the source had.'),
  no_forge: of(
    'conflict',
    'The repository belongs to no forge that is set up here.',
    'Set the forge up, or CRAFTING_PATCHER_FORGE=none.',
  ),
  no_grant: of(
    'forbidden',
    "The farm's token may not be used for this project.",
    'Ask an admin for a grant, or bring a credential.',
  ),
  no_green_job: of('not_found', 'No earlier run of the recipe that is still known passed.', 'Name the other job.'),
  no_method: of('conflict', 'No method that the project allows fits it.', 'See patch.methods of the project.'),
  no_program: of('invalid', 'The agent names no program.', 'Name one in its manifest, or in what it extends.'),
  no_proof: of('conflict', 'No recipe of the project could prove a diff.', 'Give a subproject a recipe.'),
  no_recipe: of('conflict', 'No subproject has such a recipe.', 'See the subprojects of the project.'),
  no_source: of('not_found', 'There is no such file at that commit.', 'Check path and commit.'),
  no_such_batch: of('not_found', 'No finding was changed last by such a request.', 'Check the id of the batch.'),
  no_test_results: of(
    'not_found',
    'The job left no result file that tells of its tests.',
    'See `reports` of the subproject.',
  ),
  no_text: of('conflict', 'The file is no text, or too large.', 'Fetch it from the repository.'),
  nobody_to_tell: of('conflict', 'No project names anybody to mail.', 'Set notify.email of a project.'),
  not_actionable: of(
    'conflict',
    'Findings of this kind are not patched in this project.',
    'See patch.kinds of the project.',
  ),
  not_held: of('conflict', 'The version is not held.', 'See the holds of the source.'),
  not_offered: of('conflict', 'The project is offered to nobody.', look),
  not_open: of('conflict', 'It is not open.', look),
  not_suppressed: of('conflict', 'The finding is not suppressed.', look),
  not_waiting: of('conflict', 'The attempt does not wait for an approval.', look),
  nothing_found: of('invalid', 'Nothing that a known tool could check was found.', 'Write the recipes yourself.'),
  other_origin: of('forbidden', 'MCP is not for pages of other origins.', 'Send no Origin, or that of the address.'),
  other_run: of('conflict', 'The findings were seen by different jobs.', 'Bring a diff for each.'),
  own_request: of('forbidden', 'Whoever asked for a patch does not approve it.', 'Ask another maintainer.'),
  patch_apply: of('invalid', 'The diff does not apply.', 'Make it against the commit of the job.'),
  patch_encoding: of('invalid', 'The change touches lines that are not UTF-8.', 'Change other lines.'),
  patch_open: of('conflict', 'The attempt is still open.', 'Stop it first.'),
  patch_over: of('conflict', 'The attempt is over.', look),
  patch_too_large: of('too_large', 'The change holds a file over 4 MiB.', 'Make a smaller change.'),
  patcher_disabled: of('conflict', 'The patch loop is not set up.', 'Set the variables that the detail names.'),
  path_missing: of('not_found', 'The repository has no such folder.', 'Check the path.'),
  path_outside: of('invalid', 'The path leaves the repository.', 'Check the path.'),
  project_disabled: of('conflict', 'The project is not enabled.', 'Enable it.'),
  project_not_in_scope: of('forbidden', 'The bearer is for other projects.', 'Use another bearer.'),
  pull_open: of('conflict', 'The attempt has a pull request.', 'Close that: it is not proposed again.'),
  range_not_satisfiable: of('invalid', 'The range lies outside of the log.', 'Ask for less.'),
  range_too_large: of('invalid', 'There are too many events between the two.', 'Move `from` and `to` together.'),
  recipe_version: of('not_found', 'The recipe source has no such version.', 'crafting-table recipes show names them.'),
  recipes_of_repository: of('invalid', 'The recipes of the project come from its repository.', 'Change them there.'),
  refused: of('conflict', 'People have refused it.', 'Lift that by reconsidering the attempt.'),
  request_timeout: of('timeout', 'The request did not arrive whole in time.', 'Try again.'),
  same_name: of('conflict', 'The project is called so already.', look),
  same_team: of('conflict', 'The project is of that team already.', look),
  sandbox_missing: of('unavailable', 'The sandbox that is demanded is not there.', 'Install bubblewrap on a runner.'),
  several_held: of('invalid', 'Several versions are held.', 'Name the one to release.'),
  source_used: of('conflict', 'Projects take their recipes from the source.', 'Change them first.'),
  scope_missing: of('forbidden', 'The bearer lacks the scope that this needs.', 'Mint one with that scope.'),
  team_in_use: of('conflict', 'The team has bearers or projects.', 'Remove those first.'),
  too_many: of('too_large', 'The request is about too many things.', 'Narrow the filter, and do it in parts.'),
  too_many_runners: of('conflict', 'There are as many runners as there may be.', 'Remove one.'),
  too_many_exports: of('rate_limited', 'As many answers that last are under way as may be.', 'End one.'),
  too_many_subscribers: of('conflict', 'There are as many subscribers as there may be.', 'Remove one.'),
  unknown_token: of(
    'unauthorized',
    'The token is not known, has ended, or is not for this address.',
    'Sign in with a token of this farm.',
  ),
  version_changed: of(
    'conflict',
    'It is another version than If-Match names.',
    'Look at what changed, and send its ETag.',
  ),
  webhook_disabled: of('unavailable', 'No webhook is taken.', 'Set CRAFTING_FORGE_WEBHOOK_SECRET.'),
  webhook_signature: of(
    'unauthorized',
    'The webhook is not signed with the secret that is set here.',
    'Give the forge the secret of CRAFTING_FORGE_WEBHOOK_SECRET.',
  ),
  work_busy: of(
    'conflict',
    'No pull request of this work waits for an answer.',
    'Look at it again when its run has ended.',
  ),
  work_live: of('conflict', 'The issue is being worked on already.', 'Follow that work, or stop it.'),
  work_over: of('conflict', 'The work is over.', 'Ask for another round on the issue.'),
};

/** Reasons that have a status of their own in RFC 9110 and RFC 6585. */
const statusOfReason: Readonly<Record<string, number>> = {
  version_changed: 412,
  range_not_satisfiable: 416,
  header_too_large: 431,
  method_not_allowed: 405,
  request_timeout: 408,
};

/** The HTTP status of a failure. */
export function statusOf(code: ErrorCode, reason: string): number {
  return statusOfReason[reason] ?? errorCodes[code].status;
}

/** Of a 401 that no bearer would help. */
const titleOfReason: Readonly<Record<string, string>> = {
  webhook_signature: 'The signature of the webhook is missing or wrong',
};

/** What a failure is called. */
export function titleOf(code: ErrorCode, reason: string): string {
  return titleOfReason[reason] ?? errorCodes[code].title;
}

/** Where a reader finds what a code means; relative, so that it holds behind any proxy. */
export function problemType(reason: string): string {
  return Object.hasOwn(problemCodes, reason) ? `/problems/${reason}` : 'about:blank';
}
