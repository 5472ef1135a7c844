import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import { closed, Name, oneOf } from '../fields.ts';

/** `merge` adds and updates; `reconcile` also makes what is there equal to the documents, and removes what has none left. */
export const registrationModes = ['merge', 'reconcile'] as const;
export type RegistrationMode = (typeof registrationModes)[number];

const Names = Type.Array(Name, { maxItems: 1024 });
const registration = { set: Name, owner: Name, mode: oneOf(registrationModes) };

/** A set of documents is about to be registered. `managed`: the projects that this set itself brought, now or before. */
export const BulkRegistrationStarted = defineEvent(
  'BulkRegistrationStarted',
  'registration',
  closed({ ...registration, projects: Names, managed: Names }),
);

/** How each of its projects fared. Without this event after a start, that run was interrupted. */
export const BulkRegistrationCompleted = defineEvent(
  'BulkRegistrationCompleted',
  'registration',
  closed({
    ...registration,
    created: Names,
    updated: Names,
    unchanged: Names,
    removed: Names,
    skipped: Names,
    failed: Names,
  }),
);
