import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namedWebhooks, webhookFaults } from '../../../../services/notifier/rules/webhook-targets.ts';

const url = 'https://chat.example.org/hooks/very-secret-path';
const on = ['audit_fail'];

test('a webhook without an id takes its format, and a number when that is taken', () => {
  const named = namedWebhooks([
    { url, on },
    { url, on, format: 'slack' },
    { url, on },
    { id: 'standard-2', url, on },
    { url, on },
  ]);
  assert.deepEqual(
    named.map(({ id }) => id),
    ['standard', 'slack', 'standard-3', 'standard-2', 'standard-4'],
  );
});

test('words that mean the same twice stand once', () => {
  assert.deepEqual(namedWebhooks([{ url, on: ['PrOpened', 'PrOpened', 'cve_found'] }])[0]?.on, [
    'PrOpened',
    'cve_found',
  ]);
});

test('each fault names its path, and repeats neither address nor secret', () => {
  const faults = webhookFaults([
    { id: 'a', url: 'ftp://chat.example.org/very-secret-path', on },
    { id: 'a', url: 'https://me:very-secret@chat.example.org/', on },
    { url: 'no address very-secret', on: ['audit_fail', 'everything'] },
    { url, on, secret: 'very-secret-but-short' },
    { url, on, secret: `whsec_${Buffer.alloc(8).toString('base64')}` },
  ]);
  assert.deepEqual(
    faults.map(({ path }) => path),
    [
      '/body/notify/webhooks/0/url',
      '/body/notify/webhooks/1/id',
      '/body/notify/webhooks/1/url',
      '/body/notify/webhooks/2/url',
      '/body/notify/webhooks/2/on/1',
      '/body/notify/webhooks/3/secret',
      '/body/notify/webhooks/4/secret',
    ],
  );
  assert.doesNotMatch(JSON.stringify(faults), /very-secret/);
});

test('names of events, the words of the document, and secrets in their form are taken', () => {
  const words = [
    'audit_pass',
    'nightly_summary',
    'patch_drafted',
    'FindingDetected',
    'PrMerged',
    'DigestOverdue',
    'ProjectUpdated',
  ];
  const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
  assert.deepEqual(
    webhookFaults([
      { url, on: words, secret },
      { url: 'http://192.168.1.5:3000/x', on, format: 'gitea', secret: 'anything goes' },
    ]),
    [],
  );
});

test('notices do not tell of notices, and tokens belong to no project', () => {
  const faults = webhookFaults([{ url, on: ['NoticeSent', 'NoticeFailed', 'TokenMinted', 'DeliveryAbandoned'] }]);
  assert.equal(faults.length, 1);
  for (const word of ['NoticeFailed', 'TokenMinted', 'DeliveryAbandoned'])
    assert.equal(webhookFaults([{ url, on: [word] }]).length, 1, word);
});
