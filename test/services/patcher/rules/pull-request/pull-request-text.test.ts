import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { code, escapedLine, escapedLines, fenced, quoted } from '../../../../../services/floor/text/escape-text.ts';
import {
  provenanceFooter,
  type TextFinding,
} from '../../../../../services/patcher/rules/pull-request/provenance-footer.ts';
import {
  type PullRequestFacts,
  pullRequestText,
} from '../../../../../services/patcher/rules/pull-request/pull-request-text.ts';

const identity = '0123456789abcdef0123456789abcdef';
const lint: TextFinding = {
  id: 7,
  identity,
  kind: 'lint',
  severity: 'warn',
  tool: 'ruff',
  code: 'F401',
  file: 'src/app.py',
  line: 3,
  message: "'os' imported but unused",
  url: 'https://docs.astral.sh/ruff/rules/unused-import',
  package: null,
  installed_version: null,
  fixed_version: null,
};
const cve: TextFinding = {
  ...lint,
  kind: 'cve',
  severity: 'high',
  code: 'CVE-2026-1',
  file: 'requirements.txt',
  package: 'requests',
  installed_version: '2.31.0',
  fixed_version: '2.32.4',
};
const facts: PullRequestFacts = {
  farm: { version: '0.1.0', url: null },
  patchId: '7-1',
  statement: null,
  project: 'shop',
  subproject: 'clients/python',
  recipe: 'lint',
  base: { branch: 'main', sha: '4'.repeat(40) },
  findings: [lint],
  draft: {
    method: 'tool_edit',
    explanation: '',
    confidence: null,
    cost: { turns: 0, duration_ms: 0, input_tokens: null, output_tokens: null, usd: null },
    files: [{ path: 'clients/python/src/app.py', status: 'modified', added: 0, removed: 1 }],
  },
  evidence: {
    before_job: 'a'.repeat(26),
    after_job: 'b'.repeat(26),
    command: 'ruff check .',
    targets: [{ identity, code: 'F401', file: 'src/app.py', line: 3, gone: true }],
    identities_before: 14,
    identities_after: 13,
    gone: [identity],
    appeared: [],
    exit_before: 1,
    exit_after: 0,
    tests_before: { executed: 41, passed: 40, failed: 1, skipped: 2 },
    tests_after: { executed: 41, passed: 41, failed: 0, skipped: 2 },
    duration_before_ms: 1840,
    duration_after_ms: 65_000,
  },
  agent: null,
  startedAt: '2026-11-21T06:00:00.000Z',
  finishedAt: '2026-11-21T06:01:12.500Z',
};
const titleOf = (more: Partial<PullRequestFacts>): string => pullRequestText({ ...facts, ...more }).title;
const bodyOf = (more: Partial<PullRequestFacts> = {}): string => pullRequestText({ ...facts, ...more }).body;
const bump = { ...facts.draft, method: 'bump' } as const;

describe('the title of a pull request', () => {
  it('says in plain words what it does', () => {
    assert.equal(titleOf({}), "Fix F401 in src/app.py: 'os' imported but unused");
    assert.equal(titleOf({ findings: [cve], draft: bump }), 'Bump requests to 2.32.4 (CVE-2026-1)');
    assert.equal(titleOf({ findings: [cve, cve], draft: bump }), 'Bump requests to 2.32.4 (CVE-2026-1 and 1 more)');
    assert.equal(titleOf({ findings: [cve] }), 'Fix CVE-2026-1 in requests');
    assert.equal(titleOf({ findings: Array(14).fill(lint) }), 'Fix 14 findings of F401 in clients/python');
    assert.equal(
      titleOf({ findings: [lint, { ...lint, code: 'E1' }], subproject: '.' }),
      'Fix 2 findings of ruff in shop',
    );
    assert.equal(
      titleOf({ findings: [{ ...lint, kind: 'test_fail', code: 'adds up' }] }),
      'Fix the failing test adds up',
    );
    assert.equal(titleOf({ findings: [{ ...lint, code: null, file: null }] }).slice(0, 22), 'Fix a finding of ruff:');
  });

  it('has at most 100 characters, and loses the least of a long path and package', () => {
    const long = titleOf({ findings: [{ ...lint, file: `${'deep/'.repeat(90)}app.py`, message: 'm'.repeat(900) }] });
    assert.ok(long.length === 100 && long.includes('/app.py: mmm') && long.endsWith('…'), long);
    const wide = { ...cve, package: 'p'.repeat(256), fixed_version: '9'.repeat(256) };
    assert.match(titleOf({ findings: [wide], draft: bump }), /^Bump p{39}… to 9{19}… \(CVE-2026-1\)$/);
  });

  it('closes no issue and calls nobody', () => {
    for (const text of [
      '#1',
      'acme/shop#12',
      '!3',
      'GH-4',
      'https://github.com/acme/shop/issues/5',
      '@ann',
      '#\u200b6',
    ])
      assert.doesNotMatch(titleOf({ findings: [{ ...lint, code: text }] }), live, text);
  });
});

/** What a forge would take for a reference or a name in text that it shows. */
const live = /[#!]\d|GH-\d|\/(issues|pull)\/\d|@[\w-]/i;

describe('the body of a pull request', () => {
  it('says what, why, the evidence, how it was made and how to say no', () => {
    const body = bodyOf({ draft: { ...facts.draft, explanation: 'It is not used.' } });
    for (const part of [
      '> It is not used.',
      '| `ruff` | `F401` | warn | `src/app.py:3` |',
      '| findings | 14 | 13 |',
      '| of these, to be mended here | 1 | 0 |',
      '| exit code | 1 | 0 |',
      '| tests passed | 40 | 41 |',
      '| duration | 1.8 s | 1 min 5 s |',
      'What is to be mended is gone (1 of 1). Nothing new appeared.',
      '```text\nruff check .\n```',
      '| `clients/python/src/app.py` | `modified` | 0 | 1 |',
      '`POST /patches/7-1/reconsider`',
    ])
      assert.ok(body.includes(part), `${part} in\n${body}`);
  });

  it('tells what an agent cost, and its confidence, where that is known', () => {
    const cost = { turns: 2, duration_ms: 1, input_tokens: 5210, output_tokens: 311, usd: 0.5 };
    const draft = { ...facts.draft, method: 'agent', confidence: 0.93, cost } as const;
    const body = bodyOf({ draft, agent: { adapter: 'clawdforge', model: null } });
    assert.match(
      body,
      /author `clawdforge`, model `not named`; confidence 93 %; turns 2; tokens read 5210; .*0\.5000 USD/,
    );
    assert.doesNotMatch(bodyOf(), /confidence|tokens|turns/);
  });

  it('links to jobs only when it is known where the farm is', () => {
    assert.doesNotMatch(bodyOf(), /\]\(/);
    const url = 'https://farm.example.org/ct/';
    const link = `[\`${'a'.repeat(26)}\`](<https://farm.example.org/ct/ui/jobs/${'a'.repeat(26)}>)`;
    assert.ok(bodyOf({ farm: { version: '0.1.0', url } }).includes(link));
  });

  it('does not claim more than the evidence', () => {
    const [target] = facts.evidence.targets;
    const appeared = [{ tool: 'ruff', code: 'E9', file: 'x.py', line: 1, message: 'new one' }];
    const targets = [target!, { ...target!, gone: false }];
    const body = bodyOf({ evidence: { ...facts.evidence, targets, appeared } });
    assert.match(body, /Of what is to be mended, 1 of 2 are gone\. New:\n\n- `ruff` `E9` `new one`/);
  });

  it('ends with the provenance footer, whatever the size, and says what was cut', () => {
    const long = {
      ...lint,
      message: 'm'.repeat(8000),
      file: '#1'.repeat(512),
      code: 'c'.repeat(512),
      url: 'u'.repeat(2048),
    };
    const wide = {
      ...long,
      package: 'p'.repeat(256),
      installed_version: 'v'.repeat(128),
      fixed_version: 'w'.repeat(256),
    };
    const file = { path: '`'.repeat(1024), status: 's'.repeat(32), added: 1, removed: 1 };
    const files = Array(500).fill(file);
    const draft = { ...facts.draft, explanation: '&'.repeat(8192), files };
    const findings: TextFinding[] = Array(500).fill(wide);
    const more = { findings, draft, evidence: { ...facts.evidence, command: '`'.repeat(8192) } };
    const body = bodyOf({ ...more, subproject: 's'.repeat(512) });
    assert.ok(body.length < 60_000, String(body.length));
    assert.ok(body.endsWith(`${provenanceFooter({ ...facts, ...more, subproject: 's'.repeat(512) })}\n`));
    assert.match(body, /485 more are not shown/);
    assert.match(body, /… \(cut\)/);
  });
});

describe('the provenance footer', () => {
  it('names farm, project, finding, attempt, base, jobs, method, times and exit codes', () => {
    const footer = provenanceFooter({ ...facts, agent: { adapter: 'command', model: 'm-1' } });
    for (const part of [
      'crafting-table `0.1.0`',
      '`shop`',
      identity,
      '`7-1`',
      '4'.repeat(40),
      'a'.repeat(26),
      '`tool_edit`',
    ])
      assert.ok(footer.includes(part), part);
    for (const part of ['`command`, model `m-1`', '1 min 12 s', '1 before, 0 after', 'never merges'])
      assert.ok(footer.includes(part), part);
  });

  it('stands without evidence, under a comment', () => {
    assert.doesNotMatch(provenanceFooter({ ...facts, evidence: null }), /exit codes|jobs/);
  });
});

const fence = /^(`{3,})text\n[\s\S]*?\n\1$/gm;

/** What is left of Markdown when code is taken out: only this is looked through for names, references and HTML. */
function outsideCode(body: string): string {
  return body.replace(fence, '').replace(/(?<![\\`])`(?!`)[^`\n]+`(?!`)/g, 'code');
}

function assertEscaped(body: string, what: string): void {
  const rest = outsideCode(body);
  assert.doesNotMatch(rest, live, what);
  assert.doesNotMatch(rest, /@|:\/\/|www\./, what);
  assert.doesNotMatch(rest.replace(/<\/?(details|summary)>/g, ''), /<|(?<!^)>(?! )/m, what);
  assert.doesNotMatch(rest.replace(/\\[\\`*_[\]|~$]/g, ''), /[`*_[\]~$]/, what);
  assert.doesNotMatch(body, /[^\P{C}\n\u200b]/u, what);
  assert.doesNotMatch(body, /[#!]\d|GH-\d/i, what);
  // Cells are told apart before code is, so a bar in code counts too.
  const tables = body.replace(fence, '').match(/(?:^\|.*\|\n)+/gm) ?? [];
  for (const table of tables) {
    const widths = new Set(
      table
        .trim()
        .split('\n')
        .map((row) => row.split('|').length),
    );
    assert.equal(widths.size, 1, `${what}: ${table}`);
  }
  assert.equal(rest.match(/<details>/g)?.length, 1, what);
}

describe('hostile words', () => {
  const attacks = [
    'fixes #1',
    'Closes acme/shop#12, resolves GH-3 and !4',
    'fixes https://github.com/acme/shop/issues/1',
    '@ann @acme/team ann@example.org',
    '<script>alert(1)</script><img src=x onerror=y> <!-- -->',
    '</details></details><h1>big</h1>',
    '![x](https://evil.example/track.png) [click](javascript:alert(1)) <https://evil.example>',
    'a | b | c \\| d',
    'x\n\n# Heading\n- [ ] task\n1. one\n> quote\n---\n===',
    '```\nfence\n```\n~~~\n`` ` ``',
    '`a` ``b`` \\` \\\\`',
    '\u202egnp.exe\u2066 \u200b@\u200bann #\u200b1 \u0007\u0000\ud800',
    '[[Home]] [^1] $x^2$ :smile: &#35;1 &lt;b&gt; &commat;ann',
    'www.evil.example mailto:a@b.c xmpp:a@b.c ftp://x',
    '#1',
    '0gH-7 x_GH-8 acme/shop/issues/1 a/merge_requests/3',
    '`fixes #1`',
    "(`x`), '`y`'.",
  ];
  for (const attack of attacks)
    it(`stay words: ${JSON.stringify(attack)}`, () => assertEscaped(bodyWith(attack), attack));

  it('stay words, however they are put together', () => {
    const parts = fc.array(
      fc.oneof(fc.constantFrom(...attacks, '`', '\\', ' ', '\n', '|', '<', '@', '#', '1'), fc.string()),
    );
    fc.assert(
      fc.property(
        parts.map((some) => some.join('')),
        (text) => assertEscaped(bodyWith(text), JSON.stringify(text)),
      ),
      { numRuns: 300 },
    );
  });

  function bodyWith(text: string): string {
    const files = [{ path: text, status: text, added: 1, removed: 0 }];
    const appeared = [{ tool: text, code: text, file: text, line: 1, message: text }];
    const words = { tool: text, code: text, file: text, message: text, url: text, package: text };
    return bodyOf({
      findings: [{ ...lint, ...words, installed_version: text, fixed_version: text }],
      draft: { ...facts.draft, explanation: text, files },
      evidence: { ...facts.evidence, command: text, appeared },
      agent: { adapter: text, model: text },
      subproject: text,
    });
  }
});

describe('escaped text', () => {
  it('keeps single words of code, and the marks around a name', () => {
    assert.equal(quoted('Use `os.path` (not @ann, see #3).', 100), '> Use `os.path` (not `@ann`, see `#\u200b3`).');
  });

  it('cuts between characters and says so', () => {
    assert.equal(code('x'.repeat(50), 20), `\`${'x'.repeat(13)}… (cut)\``);
    assert.equal(escapedLine('😀'.repeat(9), 6), '😀😀…');
    assert.equal(fenced('````', 100), '`````text\n````\n`````');
    assert.equal(code('  '), '—');
  });

  it('keeps the lines of a commit message, and closes nothing there', () => {
    assert.equal(escapedLines('one\n\nfixes #1 by @ann ', 100), 'one\n\nfixes #\u200b1 by @\u200bann');
  });

  it('takes no longer for a long text than for a short one', () => {
    for (const unit of ['`', '(', ')', '\\', '@', '# ', 'a\u0301', '\n', '> '])
      for (const show of [quoted, fenced, code, escapedLine])
        assert.ok(show(unit.repeat(500_000), 4000).length < 40_000);
  });
});
