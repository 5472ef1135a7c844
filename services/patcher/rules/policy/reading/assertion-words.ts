const rows = (text: string) =>
  text
    .trim()
    .split(/\s+/)
    .map((row) => row.split('='));

/** Names that stand for one another: both of a pair are the same to whoever reads what a test asserts. */
export const aliases: ReadonlyMap<string, string> = new Map(
  rows(`
    toBeCalled=toHaveBeenCalled toBeCalledTimes=toHaveBeenCalledTimes toBeCalledWith=toHaveBeenCalledWith
    lastCalledWith=toHaveBeenLastCalledWith nthCalledWith=toHaveBeenNthCalledWith toReturn=toHaveReturned
    toReturnTimes=toHaveReturnedTimes toReturnWith=toHaveReturnedWith lastReturnedWith=toHaveLastReturnedWith
    nthReturnedWith=toHaveNthReturnedWith toThrowError=toThrow
    assertEquals=assertEqual failUnlessEqual=assertEqual assertNotEquals=assertNotEqual assert_=assertTrue
    failUnless=assertTrue failIf=assertFalse assertAlmostEquals=assertAlmostEqual assertItemsEqual=assertCountEqual
    assertRegexpMatches=assertRegex assertNotRegexpMatches=assertNotRegex assertRaisesRegexp=assertRaisesRegex
    to_not=not_to eql=eql must_equal=must_equal assertNotIsInstance=assertNotIsInstance
    EXPECT_STREQ=EXPECT_STREQ deepStrictEqual=deepStrictEqual notStrictEqual=notStrictEqual
    static=self assert_not_equal=refute_equal assert_not_nil=refute_nil assert_not_empty=refute_empty
    assert_not_includes=refute_includes assert_not=refute
    node:assert=assert node:fs=fs node:path=path node:os=os node:util=util node:test=test node:url=url
    node:events=events node:child_process=child_process node:stream=stream node:buffer=buffer node:http=http
    node:assert/strict=assert/strict node:fs/promises=fs/promises node:timers/promises=timers/promises
  `).map(([one = '', other = '']) => [one, other] as const),
);

/** What is asserted: a name of an assertion, and how strictly it compares. Operands of `eq` and `ne` may be swapped. */
export const operations: readonly (readonly [names: RegExp, op: string, level: number])[] = [
  [
    /^(?:assertSame|assertIs|assertStrictEqual|strictEqual|deepStrictEqual|toBe|toStrictEqual|assert_same|Same)$/,
    'eq',
    2,
  ],
  [
    /^(?:assertEqual|assert_equal|assertEquals|assert_eq|Equal|AreEqual|EqualValues|EXPECT_EQ|ASSERT_EQ|CHECK_EQUAL|BOOST_CHECK_EQUAL|XCTAssertEqual|equal|equals|deepEqual|toEqual|ck_assert_int_eq|assertListEqual|assertDictEqual|assertSequenceEqual)$/,
    'eq',
    1,
  ],
  [
    /^(?:assertNotEqual|refute_equal|assert_ne|NotEqual|AreNotEqual|EXPECT_NE|ASSERT_NE|XCTAssertNotEqual|notEqual|notStrictEqual|assertNotSame|assertIsNot)$/,
    'ne',
    1,
  ],
  [/^(?:assertIsNone|assertNull|assert_nil|Null|IsNull|Nil|XCTAssertNil|toBeNull)$/, 'null', 1],
  [/^(?:assertIsNotNone|assertNotNull|refute_nil|NotNull|IsNotNull|NotNil|XCTAssertNotNil)$/, 'not null', 1],
  [/^(?:assertTrue|True|IsTrue|EXPECT_TRUE|ASSERT_TRUE|XCTAssertTrue|XCTAssert|toBeTruthy|ok|assert)$/, 'true', 1],
  [/^(?:assertFalse|False|IsFalse|EXPECT_FALSE|ASSERT_FALSE|XCTAssertFalse|toBeFalsy|refute)$/, 'false', 1],
  [/^(?:assertIn|assert_includes|assertContains|Contains|toContain)$/, 'in', 1],
  [/^(?:assertNotIn|refute_includes|assertNotContains|DoesNotContain|NotContains)$/, 'not in', 1],
  [/^(?:assertIsInstance|assert_instance_of|assertInstanceOf|IsType|toBeInstanceOf)$/, 'is a', 1],
  [/^assertCount$/, 'count', 1],
  [/^toHaveLength$/, 'length', 1],
  [/^Single$/, 'single', 1],
  [/^(?:Empty|IsEmpty|assertEmpty|assert_empty)$/, 'empty', 1],
];

/** Only said when a test has failed: what is said may change. */
export const saysWhy =
  /(?:^|\.)(?:Errorf?|Fatalf?|Logf?|XCTFail|fail|flunk|panic|log|warn|error|info|debug|print|println|printf|puts|echo)$/;

/** A test that is passed over, kept alone, or expected to fail: these words may go, and never come. */
export const passing =
  /\b(?:skip\w*|Skip\w*|SkipNow|xfail|todo|fixme|only|failing|fails|Ignore\w*|ignore|Disabled\w*|disabled|pending|expectedFailure|markTestSkipped|markTestIncomplete|XCTSkip\w*|XCTExpectFailure|GTEST_SKIP|xit|xtest|xdescribe|xcontext|fit|fdescribe|fcontext|ftest|focus)\b|\bDISABLED_/;

/** Folders that belong to one run of a test alone, in the words of each runner. */
export const temporary =
  /tmp_?path|tmp_?dir|temp_?dir|tempfile|mkdtemp|TemporaryDirectory|NamedTemporaryFile|TempDir|MkdirTemp|createTempDirectory|createTempFile|mktmpdir|mktemp|sys_get_temp_dir|tempnam|BATS_TEST_TMPDIR|BATS_FILE_TMPDIR|GetTempPath|GetTempFileName|temporaryDirectory|TemporaryFolder/i;
