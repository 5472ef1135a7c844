import { type Static, Type } from '@sinclair/typebox';

/** One thing that happened to a finding. */
export const HistoryEntry = Type.Object(
  {
    type: Type.String(),
    seq: Type.Integer(),
    time: Type.String(),
    caused_by: Type.Union([Type.String(), Type.Null()]),
    job_id: Type.Optional(Type.String()),
    reason: Type.Optional(Type.String()),
    by: Type.Optional(Type.String()),
  },
  { title: 'HistoryEntry' },
);
export type HistoryEntry = Static<typeof HistoryEntry>;
