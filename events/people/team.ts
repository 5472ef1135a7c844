import { defineEvent } from '../define.ts';
import { closed, Name, text } from '../fields.ts';

/** A team exists before it has a member or a project. */
export const TeamCreated = defineEvent('TeamCreated', 'team', closed({ team: Name, title: text(200), by: Name }));

/** It had neither any more. */
export const TeamRemoved = defineEvent('TeamRemoved', 'team', closed({ team: Name, by: Name }));
