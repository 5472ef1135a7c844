import { join } from 'node:path';
import { type AccountExport, askedAs, type ClientAccount, farmAccount } from '../accounts/account-subjects.ts';

type ServerSettings = {
  readonly dir: string;
  readonly user: string;
  readonly pass: string;
  /** Without brackets, also when it is one of IPv6. */
  readonly host: string;
  /** -1 = any free one. */
  readonly port: number;
  readonly tls?: { readonly cert: string; readonly key: string } | null;
  readonly accounts?: readonly ClientAccount[];
};

// Quoted: the server takes a bare word that begins like `8e17` for a number and refuses the file.
const quoted = (text: string) => JSON.stringify(text);

/** The server's configuration file: the farm's account, and one for each client account. Nothing in it is secret but `pass`. */
export function serverConfig({ dir, user, pass, host, port, tls = null, accounts = [] }: ServerSettings): string {
  return [
    `server_name: "crafting-table"`,
    `host: ${quoted(host)}`,
    `port: ${port}`,
    `ports_file_dir: ${quoted(dir)}`,
    `pid_file: ${quoted(join(dir, 'server.pid'))}`,
    `max_payload: 1MB`,
    // By itself it takes three quarters of what is free at its start and then nothing more; what the disk has to keep is ours to say.
    `jetstream: { store_dir: ${quoted(dir)}, max_memory_store: 64MB, max_file_store: 1024TB }`,
    ...(tls ? [`tls: { cert_file: ${quoted(tls.cert)}, key_file: ${quoted(tls.key)}, timeout: 5 }`] : []),
    accountsText({ user, pass, accounts }),
    '',
  ].join('\n');
}

/** The accounts of a server: the farm's, and one for each client account. */
export function accountsText({
  user,
  pass,
  accounts,
}: Pick<ServerSettings, 'user' | 'pass'> & { accounts: readonly ClientAccount[] }) {
  return [
    'accounts: {',
    `  ${farmAccount}: {`,
    '    jetstream: enabled',
    `    users: [ { user: ${quoted(user)}, password: ${quoted(pass)} } ]`,
    ...exportLines(accounts, '    '),
    '  }',
    ...accounts.flatMap((account) => accountLines(account, '  ')),
    '}',
  ].join('\n');
}

/** What the operator of another server adds to its configuration for one client account. */
export function operatorBlock(account: ClientAccount): string {
  return [
    `# In the account that holds the streams of crafting-table; where it is not called ${farmAccount}, put its name for it below, too.`,
    ...exportLines([account], ''),
    '',
    '# Beside that account, in "accounts":',
    ...accountLines(account, ''),
    '',
  ].join('\n');
}

function exportLines(accounts: readonly ClientAccount[], indent: string): string[] {
  const line = ({ account }: ClientAccount, { subject, stream = false }: AccountExport) =>
    `${indent}  { service: ${quoted(subject)}, accounts: [ ${quoted(account)} ]${stream ? ', response_type: stream' : ''} }`;
  return [
    `${indent}exports: [`,
    ...accounts.flatMap((account) => account.exports.map((one) => line(account, one))),
    `${indent}]`,
  ];
}

/** The permissions say aloud what the account would let go nowhere. */
function accountLines({ account, publicKey, exports }: ClientAccount, indent: string): string[] {
  const allowed = exports.map(({ subject }) => quoted(askedAs(subject))).join(', ');
  const line = ({ subject }: AccountExport) => {
    const to = askedAs(subject) === subject ? '' : `, to: ${quoted(askedAs(subject))}`;
    return `${indent}    { service: { account: ${farmAccount}, subject: ${quoted(subject)} }${to} }`;
  };
  return [
    `${indent}${quoted(account)}: {`,
    `${indent}  users: [ { nkey: ${quoted(publicKey)}, permissions: { publish: { allow: [ ${allowed} ] }, subscribe: { allow: [ "_INBOX.>" ] } } } ]`,
    `${indent}  imports: [`,
    ...exports.map(line),
    `${indent}  ]`,
    `${indent}}`,
  ];
}
