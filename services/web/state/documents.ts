/** What the API answers, as far as the pages look at it; `/openapi.json` describes all of it. */
export type Job = {
  readonly job_id: string;
  readonly project: string;
  readonly subproject: string;
  readonly recipe: string;
  readonly command: string;
  readonly branch: string;
  readonly sha: string | null;
  readonly status: string;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly priority: string;
  readonly purpose: string;
  readonly enqueued_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly duration_ms: number | null;
  readonly timings: Readonly<
    Record<'wait_ms' | 'fetch_ms' | 'tree_ms' | 'install_ms' | 'run_ms' | 'read_ms', number | null>
  >;
  readonly findings_count: number;
  readonly new_findings_count: number;
  readonly resolved_findings_count: number;
  readonly not_observed: string | null;
  readonly problems: readonly string[];
  readonly failure: { readonly cause: string; readonly kind: string; readonly detail: string | null } | null;
  readonly retry_at: string | null;
  readonly tools: readonly {
    readonly tool: string;
    readonly parser: string;
    readonly complete: boolean;
    readonly findings: number;
  }[];
  readonly tests: Tests | null;
  readonly coverage: { readonly percent: number | null } | null;
  readonly log_bytes: number;
  readonly truncated: boolean;
  readonly runner: string | null;
  readonly containment: string | null;
  readonly sandbox: string | null;
  readonly requested_by: string;
  readonly cancel_requested_by: string | null;
  readonly rerun_of: string | null;
  readonly patch_id: string | null;
  readonly waiting_for?: string;
};

export type Tests = {
  readonly executed: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
};

export type Finding = {
  readonly id: number;
  readonly job_id: string;
  readonly kind: string;
  readonly severity: string;
  readonly tool: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly end_line: number | null;
  readonly code: string | null;
  readonly message: string;
  readonly suggested_fix: string | null;
  readonly package: string | null;
  readonly installed_version: string | null;
  readonly fixed_version: string | null;
  readonly url: string | null;
  readonly edits: readonly { readonly file: string; readonly text: string; readonly safe: boolean }[];
  readonly raw_json: string;
  readonly identity: string;
  readonly project: string;
  readonly subproject: string;
  readonly recipe: string;
  readonly branch: string;
  readonly state: string;
  readonly is_new: boolean;
  readonly first_seen_job: string;
  readonly last_seen_job: string;
  readonly first_seen_at: string;
  readonly last_seen_at: string;
  readonly resolved_at: string | null;
  readonly why_identity: { readonly parts: Readonly<Record<string, unknown>>; readonly ordinal: number } | null;
  readonly suppression: { readonly by: string; readonly reason: string; readonly until: string | null } | null;
  readonly assignment?: { readonly to: string; readonly by: string; readonly at: string } | null;
  readonly log_line?: number | null;
};

export type HistoryEntry = {
  readonly type: string;
  readonly seq: number;
  readonly time: string;
  readonly job_id?: string;
  readonly reason?: string;
  readonly by?: string;
};

export type ChainEntry = {
  readonly seq: number;
  readonly time: string;
  readonly type: string;
  readonly entity: string;
  readonly id: string;
  readonly by: string | null;
  readonly says: string;
  readonly cause_seq: number | null;
  readonly depth: number;
  readonly job_id?: string;
  readonly patch_id?: string;
  readonly finding_id?: number;
  readonly pr_url?: string;
};

type Cost = {
  readonly turns: number;
  readonly duration_ms: number;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly usd: number | null;
};

export type Patch = {
  readonly id: string;
  readonly finding_id: number;
  readonly members: readonly { readonly finding_id: number }[];
  readonly job_id: string;
  readonly project: string;
  readonly subproject: string;
  readonly recipe: string;
  readonly attempt_number: number;
  readonly status: string;
  readonly open: boolean;
  readonly methods: readonly string[];
  readonly method: string | null;
  readonly base: { readonly branch: string; readonly sha: string };
  readonly branch: string;
  readonly commit: string | null;
  readonly forge: string;
  readonly pr_number: number | null;
  readonly pr_url: string | null;
  readonly title: string | null;
  readonly conflicted: boolean;
  readonly taken_over: string | null;
  readonly explanation: string | null;
  readonly confidence: number | null;
  readonly cost: Cost | null;
  readonly files: readonly {
    readonly path: string;
    readonly status: string;
    readonly added: number;
    readonly removed: number;
  }[];
  readonly targets: readonly string[];
  readonly turn: number;
  readonly sent_back: readonly {
    readonly turn: number;
    readonly method: string;
    readonly step: string;
    readonly reason: string;
    readonly detail: string;
    readonly duration_ms: number;
    readonly cost: Cost | null;
  }[];
  readonly sessions: readonly {
    readonly session_id: string;
    readonly adapter: string;
    readonly model: string | null;
    readonly closed: boolean;
  }[];
  readonly agent_turns: number;
  readonly verify_jobs: readonly string[];
  readonly evidence: Evidence | null;
  readonly approval: {
    readonly digest: string;
    readonly expires_at: string;
    readonly by: string | null;
    readonly at: string | null;
    readonly reason: string;
  } | null;
  readonly failure: {
    readonly step: string;
    readonly reason: string;
    readonly detail: string;
    readonly next: string;
  } | null;
  readonly requested_by: string;
  readonly reconsidered: { readonly by: string; readonly reason: string; readonly at: string } | null;
  readonly requested_at: string;
  readonly drafted_at: string | null;
  readonly verified_at: string | null;
  readonly pushed_at: string | null;
  readonly pr_opened_at: string | null;
  readonly ended_at: string | null;
  readonly updated_at: string;
  readonly diff?: string | null;
};

export type Evidence = {
  readonly before_job: string;
  readonly after_job: string;
  readonly command: string;
  readonly targets: readonly {
    readonly identity: string;
    readonly code: string | null;
    readonly file: string | null;
    readonly line: number | null;
    readonly gone: boolean;
  }[];
  readonly identities_before: number;
  readonly identities_after: number;
  readonly gone: readonly string[];
  readonly appeared: readonly {
    readonly tool: string;
    readonly code: string | null;
    readonly file: string | null;
    readonly line: number | null;
    readonly message: string;
  }[];
  readonly exit_before: number | null;
  readonly exit_after: number | null;
  readonly tests_before: Tests | null;
  readonly tests_after: Tests | null;
  readonly duration_before_ms: number | null;
  readonly duration_after_ms: number | null;
  readonly proof?: {
    readonly conditions: string;
    readonly runs: readonly {
      readonly job_id: string;
      readonly stage: string;
      readonly recipe: string;
      readonly round: number;
      readonly exit_code: number | null;
      readonly duration_ms: number | null;
    }[];
    readonly rounds: { readonly base_failed: number; readonly passed: number } | null;
    readonly mutants:
      | readonly {
          readonly file: string;
          readonly line: number;
          readonly what: string;
          readonly end: string;
        }[]
      | null;
    readonly disguised: boolean | null;
    readonly tests: { readonly reporter: string; readonly executed: number } | null;
    readonly not_run: readonly { readonly recipe: string; readonly why: string }[];
    readonly notes: readonly string[];
  };
};

export type Subproject = { readonly path: string; readonly language: string } & Readonly<Record<string, unknown>>;

export type Project = {
  readonly name: string;
  readonly earlier_names?: readonly string[];
  readonly owner: string;
  readonly git_url: string;
  readonly default_branch?: string;
  readonly languages?: readonly string[];
  readonly subprojects?: readonly Subproject[];
  readonly enabled?: boolean;
  readonly notify: Readonly<Record<string, unknown>> & { readonly email: readonly string[] };
  readonly forge_access: {
    readonly forge: string;
    readonly repository: string;
    readonly granted: boolean;
    readonly reason: string | null;
  } | null;
  readonly recipes_from: {
    readonly file: string | null;
    readonly commit: string | null;
    readonly pins: readonly { readonly source: string; readonly sha: string }[];
    readonly unread: { readonly detail: string; readonly since: string } | null;
    readonly refused: {
      readonly sha: string | null;
      readonly source: string | null;
      readonly at: string;
      readonly faults: readonly { readonly path: string; readonly message: string }[];
    } | null;
  } | null;
  readonly has_credential: boolean;
  readonly created_at: string;
  readonly updated_at: string;
};

export type Schedule = {
  readonly project: string;
  readonly recipe: string;
  readonly when: string;
  readonly timezone: string;
  readonly enabled: boolean;
  readonly next_runs: readonly string[];
  readonly last: {
    readonly slot: string;
    readonly why: string;
    readonly by: string;
    readonly at: string;
    readonly jobs: readonly { readonly job_id: string; readonly subproject: string | null; readonly status: string }[];
  } | null;
  readonly missed: number;
};

export type Waiting = {
  readonly finding_id: number;
  readonly severity: string;
  readonly tool: string;
  readonly code: string | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly methods: readonly string[];
  readonly actionable: boolean;
  readonly reason: string;
  readonly detail: string;
};

export type Status = {
  readonly version: string;
  readonly time: string;
  readonly log: {
    readonly end: number | null;
    readonly seq: number;
    readonly stopped: string | null;
    readonly durability: string;
  };
  readonly slots: { readonly all: number; readonly busy: number };
  readonly jobs: { readonly queued: number; readonly running: number; readonly parsing: number };
  readonly runners: readonly {
    readonly name: string;
    readonly host: string;
    readonly slots: number;
    readonly busy: number;
    readonly containment: string;
    readonly sandbox: string | null;
    readonly labels: readonly string[];
  }[];
  readonly consumers: readonly { readonly name: string; readonly behind: number; readonly in_flight: number }[];
  readonly projectors: readonly {
    readonly host: string;
    readonly pid: number;
    readonly seq: number;
    readonly behind: number | null;
    readonly stopped: string | null;
    readonly snapshot_seq: number | null;
    readonly snapshot_at: string | null;
  }[];
  readonly roles_missing: readonly string[];
  readonly notices_pending: number | null;
  readonly running: readonly {
    readonly job_id: string;
    readonly project: string;
    readonly subproject: string;
    readonly recipe: string;
    readonly branch: string;
    readonly purpose: string;
    readonly runner: string | null;
    readonly elapsed_ms: number;
    readonly cancelling: boolean;
  }[];
  readonly queue: readonly {
    readonly priority: string;
    readonly project: string;
    readonly jobs: number;
    readonly waiting_ms: number;
    readonly why: string;
  }[];
  readonly findings: readonly {
    readonly id: number;
    readonly project: string;
    readonly severity: string;
    readonly tool: string;
    readonly code: string | null;
    readonly file: string | null;
    readonly line: number | null;
    readonly message: string;
    readonly first_seen_at: string;
  }[];
  readonly patches: readonly {
    readonly id: string;
    readonly project: string;
    readonly status: string;
    readonly title: string | null;
    readonly pr_url: string | null;
    readonly branch: string;
  }[];
  readonly schedules: readonly {
    readonly project: string;
    readonly recipe: string;
    readonly at: string;
    readonly in_ms: number;
  }[];
  readonly digest_overdue: { readonly date: string; readonly projects: number; readonly reason: string } | null;
};
