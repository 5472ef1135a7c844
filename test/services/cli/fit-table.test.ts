import assert from 'node:assert/strict';
import { it } from 'node:test';
import { sentMessages } from '../../../services/cli/farm/server-sent.ts';
import { cut, fitTable, plainTable, widthOf } from '../../../services/cli/print/fit-table.ts';
import { jsonText } from '../../../services/cli/print/output-options.ts';
import { printableLines } from '../../../services/floor/text/printable.ts';

const terminal = { isTTY: true, columns: 24, colour: false };

it('takes from the widest column, and leaves out what is extra when that is not enough', () => {
  const columns = [
    { head: 'id', of: ({ id }: { id: string }) => id },
    { head: 'when', of: () => 'yesterday', isExtra: true },
    { head: 'what', of: () => 'a long story about nothing', shrinksTo: 8 },
  ];
  assert.equal(fitTable({ terminal }, columns, [{ id: '1' }]), 'id  when       what\n1   yesterday  a long s…');
  const narrow = { ...terminal, columns: 18 };
  assert.equal(fitTable({ terminal: narrow }, columns, [{ id: '1' }]), 'id  what\n1   a long story …');
});

it('counts the columns that wide and combined characters take', () => {
  assert.deepEqual(['abc', '日本', 'e\u0301', '👍'].map(widthOf), [3, 4, 1, 2]);
  assert.equal(cut('日本語です', 5), '日本…');
});

it('lets no text steer the terminal', () => {
  const rows = [{ name: 'a\x1b]0;x\x07b\u202ec\nd' }];
  const table = fitTable({ terminal }, [{ head: 'name', of: ({ name }: { name: string }) => name }], rows);
  assert.equal(table, 'name\na ]0;x b c d');
  assert.equal(printableLines('\x1b[31mred\x1b[0m\r\nnext\x07\tend'), 'red\nnext \tend');
  assert.equal(jsonText({ a: '\x9b\u202e' }), '{"a":"\\u009b\\u202e"}');
  assert.deepEqual(JSON.parse(jsonText({ a: 'tag \u{e0001}' })), { a: 'tag \u{e0001}' });
});

it('takes server-sent events out of text that was cut anywhere', async () => {
  const text = ': here\n\nid: 1\nevent: stdout\ndata: a\ndata:  b\n\nid: 7\n\nevent: end\ndata: {}\n\n';
  const read = async (size: number) => {
    async function* chunks() {
      for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
    }
    const found = [];
    for await (const message of sentMessages(chunks())) found.push(message);
    return found;
  };
  const expected = [
    { id: '1', event: 'stdout', data: 'a\n b' },
    { id: '7', event: 'end', data: '{}' },
  ];
  for (const size of [1, 5, 1000]) assert.deepEqual(await read(size), expected);
});

it('a report has a rule under its heads, cuts what is longer than its limit, and leaves no blanks at the end', () => {
  const rows = [
    ['1', 'words that are too long'],
    ['🙂x', ''],
  ];
  assert.equal(plainTable(['a', 'head'], rows, [8, 12]), 'a    head\n---  ------------\n1    words that …\n🙂x');
});
