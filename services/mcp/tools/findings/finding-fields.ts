import { Type } from '@sinclair/typebox';

/** Ids are numbers. */
export const FindingId = Type.Integer({ minimum: 1 });

/** What to do where a finding is not found. */
export function noSuchFinding(id: number): string {
  return `There is no finding ${id}, or it is not yours: crafting_table_list_findings lists yours.`;
}

export function noSuchProject(name: string): string {
  return `There is no project ${name}, or it is not yours: crafting_table_list_projects lists yours.`;
}
