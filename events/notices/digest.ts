import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import { Count, closed, Name, text } from '../fields.ts';

const LocalDate = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' });

/** What a digest is about: everything between two sequences of the log, the first one excluded. */
const DigestWindow = closed({ from_seq: Count, to_seq: Count });

/** A project's digest of a date is due; its id is `<date>.<project>`, so there is one. */
export const DigestDue = defineEvent(
  'DigestDue',
  'digest',
  closed({ date: LocalDate, project: Name, ...DigestWindow.properties }),
);

/** There was nothing to say, or nobody to say it to. */
export const DigestSkipped = defineEvent(
  'DigestSkipped',
  'digest',
  closed({ date: LocalDate, project: Name, reason: text(256, 1) }),
);

/** Who gets a mail: never the address itself, but a keyed hash of it. */
const Mail = {
  date: LocalDate,
  recipient: Type.String({ pattern: '^[0-9a-f]{24}$' }),
  projects: Type.Array(Name, { minItems: 1, maxItems: 1024 }),
  message_id: text(256, 1),
};

/** The mail is about to be handed to the relay; its id is `<date>.<recipient>`. Nobody else hands it over from now on. */
export const DigestSending = defineEvent(
  'DigestSending',
  'digest',
  closed({ ...Mail, attempt: Type.Integer({ minimum: 1 }) }),
);

/** The relay has it. */
export const DigestSent = defineEvent(
  'DigestSent',
  'digest',
  closed({
    ...Mail,
    ...DigestWindow.properties,
    counts: closed({ jobs: Count, new_findings: Count, resolved_findings: Count, patches: Count }),
  }),
);

/** The relay does not take it (`permanent`), or nobody knows whether it did: it is not sent again by itself. */
export const DigestFailed = defineEvent(
  'DigestFailed',
  'digest',
  closed({ ...Mail, attempt: Type.Integer({ minimum: 1 }), permanent: Type.Boolean(), reason: text(1024, 1) }),
);

/** A digest is past its time and was not sent; its id is the date. */
export const DigestOverdue = defineEvent(
  'DigestOverdue',
  'digest',
  closed({ date: LocalDate, projects: Type.Array(Name, { maxItems: 1024 }), reason: text(512, 1) }),
);
