import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Draft } from '../../../events/registry.ts';
import type { FindingSearch, FindingSort } from '../../../projections/findings/finding-search.ts';
import { facetsOf } from '../../../services/findings/rules/facet-counts.ts';
import type { Queries } from '../../../services/projector/read-models.ts';
import { sampleDraft } from '../../events/stored-payloads.ts';
import { after } from '../given-when.ts';

const name = (n: number) => String(n).padStart(32, '0');
const project = (of: string, owner: string): Draft => sampleDraft('ProjectRegistered', of, { name: of, owner });
function found(n: number, changes: { project?: string } & Record<string, unknown> = {}): Draft {
  const { project: of = 'shop', ...finding } = changes;
  const sample = sampleDraft('FindingDetected', name(n));
  const data = { ...sample.data, identity: name(n), project: of, on_default_branch: true };
  return {
    ...sample,
    data: { ...data, finding: { ...sample.data.finding, fixed_version: null, edits: [], ...finding } },
  } as Draft;
}
const history: Draft[] = [
  project('shop', 'red'),
  project('till', 'blue'),
  found(1, { severity: 'error', code: 'no-undef', file: 'src/a.js', message: 'Name X is not defined' }),
  found(2, { severity: 'warn', code: 'no-var', file: 'src/b.js', message: 'Unexpected var' }),
  found(3, { severity: 'critical', kind: 'cve', code: 'CVE-1', file: 'package-lock.json', fixed_version: '2' }),
  found(4, { severity: 'warn', code: 'no-var', file: 'test/a.js', message: 'Unexpected var', project: 'till' }),
  sampleDraft('FindingSuppressed', name(2), { identity: name(2), project: 'shop', by: 'ann', until: null }),
  sampleDraft('FindingAssigned', name(1), { identity: name(1), project: 'shop', by: 'ann', assignee: 'bob' }),
];
const everything: FindingSearch = { owner: null, among: null, of: {} };
const numbers = (queries: Queries, search: Partial<FindingSearch>, sort: FindingSort = 'oldest') =>
  queries.findingSearch
    .page({ ...everything, ...search }, { sort, after: null, limit: 10 })
    .map(({ doc }) => Number(JSON.parse(doc).identity));

test('findings are searched by what they share, by what is theirs alone, and by words', () =>
  after(history, (queries) => {
    const cases: [Partial<FindingSearch>, number[]][] = [
      [{}, [1, 2, 3, 4]],
      [{ owner: 'red' }, [1, 2, 3]],
      [{ among: ['till'] }, [4]],
      [{ owner: 'red', among: ['till'] }, []],
      [{ of: { state: ['open'] } }, [1, 3, 4]],
      [{ of: { state: ['suppressed'], severity: ['warn', 'error'] } }, [2]],
      [{ of: { severity: ['critical'] } }, [3]],
      [{ of: { patchable: [1] } }, [3]],
      [{ of: { assignee: ['bob'] } }, [1]],
      [{ of: { assignee: [null] } }, [2, 3, 4]],
      [{ of: { assignee: ['bob', null], severity: ['error'] } }, [1]],
      [{ rules: ['no-var'] }, [2, 4]],
      [{ paths: ['src/'] }, [1, 2]],
      [{ paths: ['src/a', 'test/'] }, [1, 4]],
      [{ files: ['src/a.js'] }, [1]],
      [{ words: ['UNEXPECTED', 'b.js'] }, [2]],
      [{ words: ["x' OR 1"] }, []],
      [{ newAfter: 4 }, [3, 4]],
      [{ seenAfter: 5 }, [4]],
      [{ ids: [3, 99] }, [1]],
      [{ overdue: [{ project: 'shop', severity: 'error', before: 1e12 }] }, [1]],
      [{ overdue: [{ project: 'shop', severity: 'error', before: 0 }] }, []],
      [{ overdue: [] }, []],
    ];
    for (const [search, expected] of cases)
      assert.deepEqual(numbers(queries, search), expected, JSON.stringify(search));
  }));

test('pages follow each order to the end without a gap', () =>
  after(history, (queries) => {
    for (const [sort, expected] of [
      ['newest', [4, 3, 2, 1]],
      ['oldest', [1, 2, 3, 4]],
      ['severity', [3, 1, 4, 2]],
      ['last_seen', [4, 3, 2, 1]],
      ['file', [3, 1, 2, 4]],
    ] as const) {
      assert.deepEqual(numbers(queries, {}, sort), expected, sort);
      const walked: number[] = [];
      for (let place: { key: string | number; id: number } | null = null; ; ) {
        const [row] = queries.findingSearch.page(everything, { sort, after: place, limit: 1 });
        if (!row) break;
        walked.push(Number(JSON.parse(row.doc).identity));
        place = row;
      }
      assert.deepEqual(walked, expected, sort);
    }
  }));

test('each facet counts as if nothing were asked of itself, the total holds what fits everything', () =>
  after(history, (queries) => {
    const of = { state: ['open'], severity: ['warn'] };
    const rows = queries.findingSearch.byRule({ ...everything, of }, ['severity', 'project']);
    const names = ['severity', 'project', 'rule'] as const;
    const { total, facets } = facetsOf(rows, { of, rules: undefined, names, most: 10 });
    assert.equal(total, 1);
    assert.deepEqual(facets, {
      severity: [
        { value: 'critical', count: 1 },
        { value: 'error', count: 1 },
        { value: 'warn', count: 1 },
      ],
      project: [{ value: 'till', count: 1 }],
      rule: [{ value: 'no-var', count: 1 }],
    });
  }));

test('a project that is removed takes its findings and its counts along', () =>
  after([...history, sampleDraft('ProjectRemoved', 'shop', { name: 'shop', owner: 'red' })], (queries) => {
    assert.deepEqual(numbers(queries, {}), [4]);
    assert.deepEqual(
      queries.findingSearch.grouped(everything).map((one) => [one.project, one.n]),
      [['till', 1]],
    );
  }));

test('counts that are kept are those of the rows, whatever happens to findings', () =>
  after(
    [
      ...history,
      found(5, { code: null, severity: 'warn' }),
      sampleDraft('FindingResolved', name(1), { identity: name(1), project: 'shop' }),
      sampleDraft('FindingReopened', name(1), { identity: name(1), project: 'shop' }),
      sampleDraft('FindingUnsuppressed', name(2), { identity: name(2), project: 'shop', by: 'ann' }),
      sampleDraft('ProjectRemoved', 'till', { name: 'till', owner: 'blue' }),
    ],
    ({ findingSearch }) => {
      // A finding was first seen after the year 1970: what is asked of single ones is counted row by row.
      const rowByRow = { ...everything, firstSince: 0 };
      const all = findingSearch.byRule(rowByRow, []);
      const lines = (of: typeof all) =>
        of.flatMap(({ group, codes }) => codes.map((code) => JSON.stringify([group, code]))).sort();
      assert.deepEqual(lines(findingSearch.byRule(everything, [])), lines(all));
      assert.deepEqual(findingSearch.grouped(everything), findingSearch.grouped(rowByRow));
      assert.deepEqual(findingSearch.countedBy('code', everything, 9), findingSearch.countedBy('code', rowByRow, 9));
      const codes = all.flatMap((one) => one.codes).map(({ value, n }) => `${value} ${n}`);
      assert.deepEqual(codes.sort(), ['CVE-1 1', 'no-undef 1', 'no-var 1', 'null 1']);
      const { total, facets } = facetsOf(all, { of: {}, rules: ['no-var'], names: ['rule', 'severity'], most: 9 });
      assert.equal(total, 1);
      assert.deepEqual([facets['rule']?.length, facets['severity']], [4, [{ value: 'warn', count: 1 }]]);
    },
  ));

test('a page is the same whether its rows are met in their order or gathered: few, or many, that match', () =>
  after(
    [
      project('shop', 'red'),
      ...Array.from({ length: 1_200 }, (_, at) => found(at + 1, { code: at < 600 ? 'early' : 'late', file: `f${at}` })),
    ],
    (queries) => {
      for (const [rule, sort, first] of [
        ['early', 'newest', 600],
        ['early', 'oldest', 1],
        ['late', 'newest', 1_200],
        ['late', 'oldest', 601],
        ['early', 'last_seen', 600],
      ] as const)
        assert.deepEqual(
          numbers(queries, { rules: [rule] }, sort),
          Array.from({ length: 10 }, (_, at) => (sort === 'oldest' ? first + at : first - at)),
          `${rule} ${sort}`,
        );
    },
  ));
