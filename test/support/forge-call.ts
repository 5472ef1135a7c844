import type { Json } from './http.ts';

/** One call, past authentication; `sample` is the smallest answer that is described for a status. */
export type ForgeCall = {
  readonly repository: string;
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Json;
  readonly sample: (status: number) => Json;
  /** What the caller has already, by its tag. */
  readonly etag: string | undefined;
};
export type ForgeReply = { readonly status: number; readonly body: Json; readonly headers?: Record<string, string> };
export type ForgeRoutes = Record<string, (call: ForgeCall) => ForgeReply>;
