/** A line of our own log that asks for somebody's eyes: the word that stays, what is written, and what to do. */
type LogCode = { readonly says: string; readonly todo: string };

const nothing = 'nothing: it is tried again';

/** Every warning and error by its stable `code`; `docs/log-messages.md` is made from it. */
export const logCodes = {
  account_key_bad: {
    says: 'an account has no key of its own and is not let in',
    todo: 'remove the subscriber or runner and add it again',
  },
  accounts_retry: {
    says: "the log's server does not let its accounts in, trying again",
    todo: `${nothing}; if it goes on, read what nats-server says`,
  },
  admin_bearer_elsewhere: {
    says: 'the admin bearer of this log was made by another service',
    todo: 'copy its admin-bearer.txt into this data folder',
  },
  agent_call_failed: {
    says: 'a call of an agent failed in the gateway',
    todo: 'read the error; the provider may not answer',
  },
  agent_cut_unsaid: {
    says: 'that an agent was cut off cannot be written down',
    todo: 'look at the way to the log',
  },
  agent_ledger_stopped: {
    says: 'the ledger of agents no longer follows the log',
    todo: 'restart the process',
  },
  agent_session_open: {
    says: 'a conversation could not be closed',
    todo: 'close it at the gateway when it is still there',
  },
  agent_session_unended: {
    says: 'a conversation could not be ended',
    todo: 'close it at the gateway when it is still there',
  },
  agent_share_unsaid: {
    says: 'the share of a call cannot be written down',
    todo: 'look at the way to the log',
  },
  agent_use_retry: {
    says: 'what a call took cannot be written down, trying again',
    todo: 'nothing: it is tried again',
  },
  answer_too_large: {
    says: 'an answer is too large to be kept for its Idempotency-Key',
    todo: 'nothing: a repetition of that request is refused',
  },
  approvals_retry: { says: 'approvals could not be looked at', todo: `${nothing}; read the error when it goes on` },
  backup_cut: { says: 'a backup could not be sent whole', todo: 'take it again' },
  branch_head_retry: {
    says: 'a branch could not be looked at, will try again',
    todo: `${nothing}; look at the address and the credential of the project`,
  },
  branch_not_removed: {
    says: 'a branch could not be removed',
    todo: 'remove it on the forge when it is still there',
  },
  branch_unknown: {
    says: 'the branch could not be asked for',
    todo: 'look at the address and the credential of the project',
  },
  budget_end_unsaid: {
    says: 'that a budget is used up cannot be written down',
    todo: 'look at the way to the log',
  },
  branch_untold: { says: 'a branch could not be told of', todo: nothing },
  checkpoint_retry: {
    says: 'no checkpoint of the log could be made, trying again',
    todo: `${nothing}; if it goes on, look whether the sealing key is that of this log`,
  },
  certificate_unusable: {
    says: 'a renewed certificate cannot be used',
    todo: 'look at CRAFTING_TLS_CERT and CRAFTING_TLS_KEY; the one before is still in use',
  },
  checkpoint_lost: {
    says: 'the log does not hold what was vouched for, no checkpoint is made',
    todo: 'restore the log; `audit verify` says where it ends',
  },
  close_failed: { says: 'a part did not close cleanly', todo: 'nothing, unless it comes at every stop' },
  cluster_one_copy: {
    says: 'the cluster has not enough servers with JetStream',
    todo: 'give JetStream storage to more servers',
  },
  collector_gone: {
    says: 'a collector of traces does not take spans',
    todo: 'look at OTEL_EXPORTER_OTLP_ENDPOINT; the farm goes on without',
  },
  commits_not_compared: {
    says: 'commits could not be compared',
    todo: 'look at the address and the credential of the project',
  },
  consumer_gave_up: {
    says: 'consumer gave up on an event',
    todo: 'read the reason; DeliveryAbandoned names the event',
  },
  consumer_recreated: { says: 'consumer lost its source, making it anew', todo: nothing },
  consumer_waits: {
    says: 'an event waits for the outside, will try again',
    todo: `${nothing}, however long it takes; look at the forge that its reason names`,
  },
  consumer_retry: { says: 'consumer failed, will try again', todo: `${nothing}; read the error when attempts grow` },
  credential_not_taken: {
    says: 'a credential is not taken: patches wait',
    todo: 'give the forge a new credential; the patches go on by themselves',
  },
  dependencies_not_kept: {
    says: 'the dependencies of a job are not kept',
    todo: 'look at the disk of CRAFTING_CACHE_DIR; the job itself went on',
  },
  digest_not_sent: { says: 'digest not sent', todo: 'read the reason of the mail relay' },
  digest_outcome_unknown: {
    says: 'digest: nobody knows whether a mail was sent',
    todo: 'ask the recipient; it is not sent twice',
  },
  digest_overdue: {
    says: 'a digest is overdue',
    todo: 'read the reason; CRAFTING_SMTP_HOST, or a process with the role digester',
  },
  digest_refused: {
    says: 'a digest was not taken',
    todo: 'read the reason of the mail relay',
  },
  digests_retry: { says: 'digests could not be looked after', todo: nothing },
  disk_full: { says: 'no new work is taken', todo: 'make room on that disk' },
  disk_freed: {
    says: 'the disk gets scarce: what was used least was freed',
    todo: 'give it more room, or keep logs for fewer days (CRAFTING_LOG_RETENTION_DAYS)',
  },
  disk_ok: { says: 'there is room again, new work is taken', todo: 'nothing' },
  disk_sweep_failed: { says: 'no room could be made on the disk', todo: 'make room by hand' },
  events_cut: { says: 'events could not be sent on', todo: 'nothing: the reader comes again' },
  events_uncounted: {
    says: 'events are counted no longer',
    todo: 'read the error, and restart the process when figures are wanted',
  },
  fetch_failed: {
    says: 'a commit could not be fetched',
    todo: 'look at the address and the credential of the project',
  },
  files_not_listed: {
    says: 'the files of a commit could not be listed, printed paths stay as they are',
    todo: 'look at the repository',
  },
  files_not_listed_scripts: {
    says: 'the files of a commit could not be listed, scripts are not followed',
    todo: 'look at the repository',
  },
  folder_left: { says: 'the folders of a job could not be removed', todo: 'remove them by hand when the disk fills' },
  gateway_calls_charged: {
    says: 'calls of a gateway that is gone are charged with all that they may have taken',
    todo: 'look why that process ended',
  },
  gateway_calls_retry: {
    says: 'calls of gateways that are gone cannot be charged yet',
    todo: 'nothing: it is tried again',
  },
  issues_later: {
    says: 'issues of a repository are looked at later',
    todo: 'nothing: it is tried again',
  },
  job_end_failed: {
    says: 'a job could not be brought to its end',
    todo: 'read the error; another runner ends the job',
  },
  job_end_retry: { says: 'a job could not be ended, will try again', todo: nothing },
  job_ended_elsewhere: {
    says: 'the job was ended by somebody else',
    todo: 'nothing, unless leases are often lost: the machine is overloaded',
  },
  job_failed: { says: 'a job failed in an unforeseen way', todo: 'report it, with the line' },
  job_retry_later: { says: 'a job could not be tried again, will try later', todo: nothing },
  lease_lost: { says: 'this runner had lost its lease', todo: 'look at the load and at the way to the log' },
  lease_not_renewed: {
    says: 'lease could not be renewed',
    todo: 'look at the way to the log: after 20 s others take the job',
  },
  log_cut: { says: 'a log could not be sent whole', todo: 'ask again' },
  log_not_followed: { says: 'a log could not be followed', todo: 'ask again' },
  log_passed_over: { says: 'the projector goes on behind a message that an operator passed over', todo: 'nothing' },
  log_refused: { says: 'the log refused something', todo: 'read the error: mostly permissions of the credential' },
  log_unreadable: { says: 'the log could not be read', todo: nothing },
  models_not_taken_over: {
    says: 'the read models of this host cannot be taken over, trying again',
    todo: `${nothing}; read the error when it goes on`,
  },
  mcp_tool_failed: { says: 'an MCP tool failed in an unforeseen way', todo: 'report it, with the line' },
  nats_disconnected: {
    says: 'connection to the log lost',
    todo: `${nothing}; look at nats-server when it does not come back`,
  },
  nats_restarted: { says: 'nats-server died, starting it again', todo: 'read what it said' },
  nats_revived: {
    says: 'the log answers nothing any more, its server is started again',
    todo: 'read what nats-server says',
  },
  nats_start_retry: {
    says: 'nats-server does not start, trying again',
    todo: 'read the error: mostly a port in use or a full disk',
  },
  nats_stale_stopped: { says: 'a nats-server of a dead service holds the store, stopping it', todo: 'nothing' },
  notice_failed: { says: 'a notice could not be sent', todo: nothing },
  notice_given_up: {
    says: 'a notice is given up',
    todo: 'look at the target, and ask for a replay',
  },
  notice_not_delivered: { says: 'a notice was not delivered', todo: 'look at the target; it is tried for a day' },
  orphans_not_looked_for: { says: 'jobs of dead runners are no longer looked for', todo: 'restart the process' },
  outside_differs: {
    says: 'restored from a backup',
    todo: 'read the differences, and mend or accept each of them',
  },
  outside_not_compared: { says: 'the outside could not be compared with the log', todo: nothing },
  past_not_built: { says: 'the state of an earlier moment could not be built', todo: 'ask again; look at the disk' },
  projector_resumed: { says: 'the projector goes on', todo: 'nothing' },
  projector_stopped: {
    says: 'projector stopped',
    todo: 'read the error: the read models do not move until it is mended',
  },
  pull_not_looked_at: {
    says: 'a pull request could not be looked at',
    todo: `${nothing}; look at the token of the forge`,
  },
  pulls_not_looked_at: {
    says: 'pull requests could not be looked at',
    todo: `${nothing}; look at the token of the forge`,
  },
  read_model_short: { says: 'the read model ends where the log cannot be read', todo: 'read the error' },
  rebuild_differs: { says: 'two replays of the same events differ', todo: 'report it, with the line' },
  relay_stopped: { says: 'the relay stopped', todo: 'restart the process' },
  request_failed: { says: 'a request failed in an unforeseen way', todo: 'report it, with the line' },
  recipe_source_retry: {
    says: 'a recipe source could not be tended, will try again',
    todo: 'read the error: look at its repository and credential',
  },
  request_slow: {
    says: 'a request was slow',
    todo: 'look at the load; CRAFTING_SLOW_REQUEST_MS says what is slow',
  },
  roles_missing: { says: 'no living process has these roles', todo: 'start a process with them' },
  role_left: { says: 'this process no longer stands in for a role', todo: nothing },
  role_not_stood_in: { says: 'a role could not be stood in for', todo: 'start a process with the role' },
  role_stood_in: {
    says: 'this process stands in for a role that no process has',
    todo: 'start a process with the role',
  },
  runner_cannot_read: {
    says: 'runner cannot read the log any further',
    todo: 'read the error: the service may be newer',
  },
  runner_died: { says: 'the runner of a job died, the job is ended', todo: 'look at that machine' },
  runner_message_failed: { says: 'a message of a runner failed', todo: 'read the error' },
  runner_stopped: { says: 'runner stopped following the log', todo: 'restart the process' },
  runner_unheard: {
    says: 'the farm does not hear this runner',
    todo: 'look at the way to the farm and at the credential',
  },
  runners_retry: { says: 'what runners of other machines say cannot be heard, trying again', todo: nothing },
  schedule_retry: { says: 'a schedule could not be used, will try again', todo: nothing },
  secret_left: { says: 'an unused secret could not be erased', todo: 'nothing: nobody can name it any more' },
  secret_short: { says: 'too short to be masked in the logs of jobs', todo: 'use a longer value' },
  sign_in_refused: {
    says: 'a sign-in was refused',
    todo: 'nothing, unless many come from one address',
  },
  snapshot_not_put: {
    says: 'a snapshot of the read models could not be put down',
    todo: `${nothing}; look at the room on the server of the log`,
  },
  snapshot_refused: {
    says: 'a snapshot was refused',
    todo: 'read the reason; the log is folded, which takes longer and is as right',
  },
  snapshot_too_large: {
    says: 'a snapshot is larger than all of them may be',
    todo: 'raise CRAFTING_SNAPSHOT_MAX_MB where the server of the log has room, or set CRAFTING_SNAPSHOT_EVENTS=0',
  },
  snapshots_not_asked: {
    says: 'snapshots cannot be asked for, the log is folded',
    todo: 'look at what the credential of CRAFTING_NATS_CREDS may do',
  },
  sources_unread: {
    says: 'sources could not be read, findings that are missing stay open',
    todo: 'look at the repository',
  },
  sources_unread_identity: {
    says: 'sources could not be read, identities fall back to messages',
    todo: 'look at the repository',
  },
  commits_not_compared_coverage: {
    says: 'commits could not be compared for coverage',
    todo: 'nothing: the figures of the changed lines are missing for this job',
  },
  commits_not_compared_fresh: {
    says: 'commits could not be compared, findings count as known before',
    todo: 'look at the repository',
  },
  commits_not_compared_moved: {
    says: 'commits could not be compared, moved files count as new',
    todo: 'look at the repository',
  },
  commits_not_compared_open: {
    says: 'commits could not be compared, findings that are missing stay open',
    todo: 'look at the repository',
  },
  spans_lost: {
    says: 'spans were lost while the collector did not answer',
    todo: 'look at OTEL_EXPORTER_OTLP_ENDPOINT',
  },
  subscriber_not_served: { says: 'a subscriber cannot be served', todo: nothing },
  subscriber_position_lost: { says: 'how far subscribers are could not be kept', todo: nothing },
  subscriber_stopped: {
    says: 'a subscriber hears nothing more',
    todo: 'read the error; remove the subscriber and add it again',
  },
  toolchains_unknown: {
    says: 'the toolchains of this runner cannot be found out',
    todo: 'run `crafting-table doctor` there',
  },
  trees_not_collected: {
    says: 'old work trees could not be collected',
    todo: 'look at the disk of CRAFTING_WORKSPACE_DIR',
  },
  work_retry: {
    says: 'work on issues could not go on, trying again',
    todo: 'nothing: it is tried again; read the error when it goes on',
  },
  work_waits: {
    says: 'a work waits for its forge or repository',
    todo: 'look at the forge, and at the credential of the project',
  },
  variable_unknown: { says: 'not a variable of crafting-table, see .env.example', todo: 'look for a slip in its name' },
} as const satisfies Readonly<Record<string, LogCode>>;

const codeOf = new Map<string, string>(Object.entries(logCodes).map(([code, { says }]) => [says, code]));

/** The code of a message, by all of it or by what stands before its first colon. */
export function logCodeOf(message: string): string | undefined {
  return codeOf.get(message) ?? codeOf.get(message.split(':', 1)[0] ?? '');
}
