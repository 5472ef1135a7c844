/** What the API answers of agents, as far as the pages look at it. */
type BottleBudget = {
  readonly key: string;
  readonly level: string;
  readonly of: string;
  readonly unit: string;
  readonly per: string;
  readonly limit: number;
  readonly used: number;
  readonly share: number;
};

type BottleEgress = {
  readonly hosts: readonly { readonly host: string; readonly requests: number }[];
  readonly requests: number;
  readonly refused: number;
};

export type Bottle = {
  readonly id: string;
  readonly project: string;
  readonly subproject: string | null;
  readonly agent: string;
  readonly status: string;
  readonly ended: string | null;
  readonly why: string | null;
  readonly done: { readonly status: string; readonly summary: string } | null;
  readonly work: {
    readonly kind: string;
    readonly repository?: string;
    readonly issue?: number;
    readonly patch_id?: string;
  };
  readonly prompt: string;
  readonly requested_by: string;
  readonly job_id: string | null;
  readonly runner: string | null;
  readonly manifest: {
    readonly model: string | null;
    readonly program: string;
    readonly provider: string;
    readonly gateway: readonly string[];
    readonly hosts: readonly string[];
    readonly time_limit_secs: number;
  } | null;
  readonly manifest_digest: string | null;
  readonly thawed: string | null;
  readonly session: string | null;
  readonly diff: { readonly digest: string; readonly files: number; readonly bytes: number } | null;
  readonly egress: BottleEgress | null;
  readonly stop: {
    readonly policy: string | null;
    readonly why: string;
    readonly detail: string;
    readonly by: string | null;
    readonly at: string;
  } | null;
  readonly spent: {
    readonly calls: number;
    readonly tokens: number;
    readonly usd: number;
    readonly unpriced_tokens: number;
    readonly last_at: string | null;
  };
  readonly budget: BottleBudget | null;
  readonly sha: string | null;
  readonly exit_code: number | null;
  readonly turns: number | null;
  readonly duration_ms: number | null;
  readonly calls: number;
  readonly refused: number;
  readonly last_call: { readonly words: string; readonly at: string } | null;
  readonly requested_at: string;
  readonly started_at: string | null;
  readonly ended_at: string | null;
};

export type BottleCall = {
  readonly seq: number;
  readonly at: string;
  readonly method: string | null;
  readonly words: string;
  readonly refused: boolean;
};

export type Usage = {
  readonly group: string | null;
  readonly calls: number;
  readonly estimated_calls: number;
  readonly tokens: number;
  readonly input_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly output_tokens: number;
  readonly usd: number;
  readonly unpriced_tokens: number;
  readonly last_at: string | null;
};

export type Budget = Omit<BottleBudget, 'used' | 'share'> & {
  readonly used: number | null;
  readonly share: number | null;
  readonly policy: string | null;
  readonly project: string | null;
  readonly by: string;
  readonly set_at: string;
  readonly warned_at: string | null;
  readonly exhausted_at: string | null;
};

export type Work = {
  readonly id: string;
  readonly project: string;
  readonly forge: string;
  readonly repository: string;
  readonly issue: number;
  readonly issue_url: string;
  readonly title: string;
  readonly agent: string;
  readonly verb: string;
  readonly trigger: string;
  readonly by: string;
  readonly because: string;
  readonly instructions: string | null;
  readonly budget_tokens: number | null;
  readonly state: string;
  readonly round: number;
  readonly turn: number;
  readonly base: { readonly branch: string; readonly sha: string } | null;
  readonly bottles: readonly string[];
  readonly bottle_id: string | null;
  readonly run: { readonly status: string | null; readonly summary: string | null; readonly why: string | null } | null;
  readonly patch_id: string | null;
  readonly pull: { readonly number: number; readonly url: string } | null;
  readonly pending: readonly unknown[];
  readonly strangers: number;
  readonly conflicted: boolean;
  readonly tries: number;
  readonly failure: { readonly step: string; readonly reason: string; readonly detail: string } | null;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly targeted_at: string;
  readonly updated_at: string;
  readonly ended_at: string | null;
};
