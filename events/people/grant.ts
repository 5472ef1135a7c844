import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import { closed, Name, nullable, oneOf, text } from '../fields.ts';

/** Forges whose token the farm may hold. */
const grantedForges = ['gitea', 'github', 'gitlab'] as const;

/** Repositories as `owner/name`, `owner/*` or `*`, on GitLab with groups between; a part may hold `*` for any characters of it. */
export const RepositoryPattern = Type.String({
  pattern: '^(\\*|[A-Za-z0-9_.*-]{1,100}(/[A-Za-z0-9_.*-]{1,100}){1,20})$',
  maxLength: 512,
});

const Grant = { team: Name, repositories: RepositoryPattern, by: Name };

/** The projects of a team may use the farm's own credential of a forge for these repositories. */
export const GrantAdded = defineEvent('GrantAdded', 'grant', closed(Grant));

/** They may no more. */
export const GrantRemoved = defineEvent('GrantRemoved', 'grant', closed(Grant));

/** The forge was asked whether a project's own credential may push to its repository: who may push may be told of pushes. */
export const ForgeAccessChecked = defineEvent(
  'ForgeAccessChecked',
  'grant',
  closed({
    project: Name,
    owner: Name,
    forge: oneOf(grantedForges),
    repository: text(255, 1),
    /** The credential that was shown. */
    credential_ref: text(64, 1),
    can_push: Type.Boolean(),
    /** What the forge said, when it was not yes. */
    detail: nullable(text(512)),
  }),
);

const Credential = { project: Name, repository: text(2048, 1) };

/** The forge, or its git, does not take the credential of a project any more: its attempts wait, and none of them is lost. */
export const ForgeCredentialRefused = defineEvent(
  'ForgeCredentialRefused',
  'grant',
  closed({ ...Credential, used: oneOf(['farm', 'project']), detail: text(512) }),
);

/** It is taken again: the attempts of the project go on where they were. */
export const ForgeCredentialAccepted = defineEvent('ForgeCredentialAccepted', 'grant', closed(Credential));
