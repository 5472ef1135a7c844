import { createHash } from 'node:crypto';

type Mail = {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  /** Milliseconds since 1970. */
  readonly dateMs: number;
};

/** The mail as it goes over the wire: text and HTML as alternatives, marked as made by a machine. Equal mails give equal bytes. */
export async function composeMail({ from, to, subject, text, html, messageId, dateMs }: Mail): Promise<Buffer> {
  const sender = addressOf(from);
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const composer = new MailComposer({
    from,
    to,
    subject,
    text,
    html,
    messageId,
    date: new Date(dateMs),
    baseBoundary: createHash('sha256').update(messageId).digest('hex').slice(0, 24),
    textEncoding: 'quoted-printable',
    disableFileAccess: true,
    disableUrlAccess: true,
    headers: {
      'List-Id': `crafting-table digest <digest.${domainOf(sender)}>`,
      'List-Unsubscribe': `<mailto:${sender}?subject=unsubscribe>`,
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      Precedence: 'bulk',
    },
  });
  return composer.compile().build();
}

/** The bare address of `Farm <farm@example.org>`. */
export function addressOf(sender: string): string {
  return /<([^<>\s]+)>\s*$/.exec(sender)?.[1] ?? sender.trim();
}

/** The one Message-ID that a date's mail to a recipient ever has. */
export function messageIdOf(date: string, recipient: string, from: string): string {
  return `<${date}.${recipient}@${domainOf(addressOf(from))}>`;
}

function domainOf(address: string): string {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  return /^[a-z0-9][a-z0-9.-]{0,180}$/.test(domain) ? domain : 'crafting-table.invalid';
}
